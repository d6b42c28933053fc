//! The lock for readers and writers, one of whom may be a reader that can become a writer.
//!
//! As `parking_lot` says, a reader waits behind a writer that waits. Who of those that wait gets
//! it next is up to the search.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{self, Mutex, TryLockResult};
use std::time::Duration;

use interleave::{Chosen, Flag, Id, Object, PerRun, Ready, Slot, acquire, changed, did, release};
use interleave::{step, tries};

use crate::{taken, unlocking};

/// `parking_lot::RwLock`.
pub struct RwLock<T> {
    object: Object,
    state: PerRun<State>,
    value: Slot<sync::RwLock<T>>,
}

struct State {
    /// What readers release, and only those that exclude others acquire.
    read: Id,
    /// For readers: no writer has it, and none waits before this.
    readable: Flag,
    /// For a reader that can become a writer: there is no other such reader either.
    upgradable: Flag,
    /// For writers: no thread has it.
    free: Flag,
    /// For the reader that becomes a writer: it is the only reader.
    alone: Flag,
    inside: Mutex<Inside>,
}

/// Who has it, and who waits for it.
#[derive(Debug, Default)]
pub struct Inside {
    readers: u32,
    /// One of the readers can become a writer.
    upgradable: bool,
    writer: bool,
    /// Writers that wait. Readers that come now wait as well.
    queue: u32,
}

impl Default for State {
    fn default() -> Self {
        Self {
            read: Id::new(),
            readable: Flag::new(true),
            upgradable: Flag::new(true),
            free: Flag::new(true),
            alone: Flag::new(false),
            inside: Mutex::default(),
        }
    }
}

impl State {
    fn change<T>(&self, change: impl FnOnce(&mut Inside) -> T) -> T {
        let mut inside = self.inside.try_lock().expect("held for no step");
        let result = change(&mut inside);
        let readable = !inside.writer && inside.queue == 0;
        self.readable.set(readable);
        self.upgradable.set(readable && !inside.upgradable);
        self.free.set(!inside.writer && inside.readers == 0);
        self.alone.set(inside.readers == 1);
        result
    }
}

/// What a guard lets its holder do.
pub trait Kind {
    /// The guard of the real lock.
    type Real<'a, T: 'a>: Deref<Target = T>;
    /// What it was acquired for.
    const TO: &'static str;
    /// There may be others of its kind.
    const SHARED: bool = false;
    /// It writes.
    const WRITES: bool = false;
    /// Acquires the real lock.
    fn real<T>(lock: &sync::RwLock<T>) -> TryLockResult<Self::Real<'_, T>>;
    /// Counts its holder in, or out.
    fn count(inside: &mut Inside, inward: bool);
}

/// Of [`RwLockReadGuard`].
#[derive(Debug)]
pub struct Read;

/// Of [`RwLockUpgradableReadGuard`].
#[derive(Debug)]
pub struct Upgradable;

/// Of [`RwLockWriteGuard`].
#[derive(Debug)]
pub struct Write;

impl Kind for Read {
    type Real<'a, T: 'a> = sync::RwLockReadGuard<'a, T>;
    const TO: &'static str = "to read";
    const SHARED: bool = true;

    fn real<T>(lock: &sync::RwLock<T>) -> TryLockResult<Self::Real<'_, T>> {
        lock.try_read()
    }

    fn count(inside: &mut Inside, inward: bool) {
        match inward {
            true => inside.readers += 1,
            false => inside.readers -= 1,
        }
    }
}

impl Kind for Upgradable {
    type Real<'a, T: 'a> = sync::RwLockReadGuard<'a, T>;
    const TO: &'static str = "to read, upgradable";

    fn real<T>(lock: &sync::RwLock<T>) -> TryLockResult<Self::Real<'_, T>> {
        lock.try_read()
    }

    fn count(inside: &mut Inside, inward: bool) {
        Read::count(inside, inward);
        inside.upgradable = inward;
    }
}

impl Kind for Write {
    type Real<'a, T: 'a> = sync::RwLockWriteGuard<'a, T>;
    const TO: &'static str = "to write";
    const WRITES: bool = true;

    fn real<T>(lock: &sync::RwLock<T>) -> TryLockResult<Self::Real<'_, T>> {
        lock.try_write()
    }

    fn count(inside: &mut Inside, inward: bool) {
        inside.writer = inward;
    }
}

/// A guard of any kind.
pub struct Guard<'a, T, K: Kind> {
    lock: &'a RwLock<T>,
    place: &'static Location<'static>,
    /// Nothing when it has become a guard of another kind.
    real: Option<K::Real<'a, T>>,
    kind: PhantomData<K>,
}

/// `parking_lot::RwLockReadGuard`.
pub type RwLockReadGuard<'a, T> = Guard<'a, T, Read>;

/// `parking_lot::RwLockUpgradableReadGuard`.
pub type RwLockUpgradableReadGuard<'a, T> = Guard<'a, T, Upgradable>;

/// `parking_lot::RwLockWriteGuard`.
pub type RwLockWriteGuard<'a, T> = Guard<'a, T, Write>;

/// A wait that may run out of time.
const LIMITED: &[Chosen] = &[Chosen::TimedOut];

impl<T> RwLock<T> {
    /// As in `parking_lot`.
    pub const fn new(value: T) -> Self {
        Self {
            object: Object::new(),
            state: PerRun::new(),
            value: Slot::new(sync::RwLock::new(value)),
        }
    }

    /// As in `parking_lot`: waits for writers, also for those that wait.
    #[track_caller]
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        let readable = &self.state.get().readable;
        self.enter(readable, &[]).expect("it waits")
    }

    /// As in `parking_lot`: does not wait.
    #[track_caller]
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        self.attempt(&self.state.get().readable)
    }

    /// As in `parking_lot`; how long the limit is does not matter.
    #[track_caller]
    pub fn try_read_for(&self, _limit: Duration) -> Option<RwLockReadGuard<'_, T>> {
        tries();
        self.enter(&self.state.get().readable, LIMITED)
    }

    /// As in `parking_lot`: waits for writers and for another reader of this kind.
    #[track_caller]
    pub fn upgradable_read(&self) -> RwLockUpgradableReadGuard<'_, T> {
        let upgradable = &self.state.get().upgradable;
        self.enter(upgradable, &[]).expect("it waits")
    }

    /// As in `parking_lot`: does not wait.
    #[track_caller]
    pub fn try_upgradable_read(&self) -> Option<RwLockUpgradableReadGuard<'_, T>> {
        self.attempt(&self.state.get().upgradable)
    }

    /// As in `parking_lot`; how long the limit is does not matter.
    #[track_caller]
    pub fn try_upgradable_read_for(
        &self,
        _limit: Duration,
    ) -> Option<RwLockUpgradableReadGuard<'_, T>> {
        tries();
        self.enter(&self.state.get().upgradable, LIMITED)
    }

    /// As in `parking_lot`: waits.
    #[track_caller]
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.ask(&self.state.get().free, &[]);
        self.guard()
    }

    /// As in `parking_lot`: does not wait.
    #[track_caller]
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        self.attempt(&self.state.get().free)
    }

    /// As in `parking_lot`; how long the limit is does not matter.
    #[track_caller]
    pub fn try_write_for(&self, _limit: Duration) -> Option<RwLockWriteGuard<'_, T>> {
        tries();
        match self.ask(&self.state.get().free, LIMITED) {
            true => Some(self.guard()),
            false => None,
        }
    }

    /// As in `parking_lot`.
    #[track_caller]
    pub fn is_locked(&self) -> bool {
        self.look(|inside| inside.writer || inside.readers > 0)
    }

    /// As in `parking_lot`.
    #[track_caller]
    pub fn is_locked_exclusive(&self) -> bool {
        self.look(|inside| inside.writer)
    }

    /// As in `parking_lot`: no step, as there is only one user.
    pub fn get_mut(&mut self) -> &mut T {
        let value = self.value.get_mut().get_mut();
        value.unwrap_or_else(sync::PoisonError::into_inner)
    }

    /// As in `parking_lot`.
    pub fn into_inner(self) -> T {
        let value = self.value.into_inner().into_inner();
        value.unwrap_or_else(sync::PoisonError::into_inner)
    }

    fn id(&self) -> Id {
        self.object.id(&())
    }

    #[track_caller]
    fn look(&self, at: impl FnOnce(&Inside) -> bool) -> bool {
        tries();
        step(|| "look who has it".into(), Ready::Always, &[self.id()]);
        self.state.get().change(|inside| at(inside))
    }

    #[track_caller]
    fn attempt<K: Kind>(&self, flag: &Flag) -> Option<Guard<'_, T, K>> {
        tries();
        let next = || format!("try to lock {}", K::TO);
        step(next, Ready::Always, &[self.id()]);
        self.guard_if(flag.is_up())
    }

    /// For readers.
    #[track_caller]
    fn enter<K: Kind>(&self, flag: &Flag, otherwise: &'static [Chosen]) -> Option<Guard<'_, T, K>> {
        let ready = Ready::WhenOr(flag.clone(), otherwise);
        let chosen = step(|| format!("lock {}", K::TO), ready, &[self.id()]);
        self.guard_if(chosen == Chosen::Ready)
    }

    /// For writers. Whether they get it.
    #[track_caller]
    fn ask(&self, flag: &Flag, otherwise: &'static [Chosen]) -> bool {
        // To wait is a step of its own: from then on no reader is let in.
        step(|| "ask to write".into(), Ready::Always, &[self.id()]);
        if flag.is_up() {
            return true;
        }
        did(|| "waits to write".into());
        let state = self.state.get();
        state.change(|inside| inside.queue += 1);
        changed(self.id());
        let ready = Ready::WhenOr(flag.clone(), otherwise);
        let chosen = step(|| "lock to write".into(), ready, &[self.id()]);
        state.change(|inside| inside.queue -= 1);
        changed(self.id());
        if chosen != Chosen::Ready {
            did(|| "does not get it".into());
        }
        chosen == Chosen::Ready
    }

    #[track_caller]
    fn guard_if<K: Kind>(&self, free: bool) -> Option<Guard<'_, T, K>> {
        // A closure would lose the place of the caller.
        if free {
            return Some(self.guard());
        }
        did(|| "does not get it".into());
        None
    }

    #[track_caller]
    fn guard<K: Kind>(&self) -> Guard<'_, T, K> {
        did(|| format!("locks {}", K::TO));
        let state = self.state.get();
        state.change(|inside| K::count(inside, true));
        self.object.set_held(true);
        acquire(self.id());
        if !K::SHARED {
            acquire(state.read);
        }
        Guard {
            lock: self,
            place: Location::caller(),
            real: Some(taken(K::real(self.value.get()))),
            kind: PhantomData,
        }
    }
}

impl<'a, T> RwLockUpgradableReadGuard<'a, T> {
    /// As in `parking_lot`: waits for the other readers, and lets no thread in before.
    #[track_caller]
    pub fn upgrade(this: Self) -> RwLockWriteGuard<'a, T> {
        this.lock.ask(&this.lock.state.get().alone, &[]);
        this.becomes()
    }

    /// As in `parking_lot`: does not wait.
    ///
    /// # Errors
    ///
    /// The guard, if there are other readers.
    #[track_caller]
    pub fn try_upgrade(this: Self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        tries();
        step(|| "try to upgrade".into(), Ready::Always, &[this.lock.id()]);
        if !this.lock.state.get().alone.is_up() {
            did(|| "does not get it".into());
            return Err(this);
        }
        Ok(this.becomes())
    }

    /// As in `parking_lot`; how long the limit is does not matter.
    ///
    /// # Errors
    ///
    /// The guard, if the time is up.
    #[track_caller]
    pub fn try_upgrade_for(this: Self, _limit: Duration) -> Result<RwLockWriteGuard<'a, T>, Self> {
        tries();
        match this.lock.ask(&this.lock.state.get().alone, LIMITED) {
            true => Ok(this.becomes()),
            false => Err(this),
        }
    }

    /// As in `parking_lot`.
    #[track_caller]
    pub fn downgrade(this: Self) -> RwLockReadGuard<'a, T> {
        unlocking(this.place, &this.lock.object);
        this.becomes()
    }
}

impl<'a, T> RwLockWriteGuard<'a, T> {
    /// As in `parking_lot`.
    #[track_caller]
    pub fn downgrade(this: Self) -> RwLockReadGuard<'a, T> {
        unlocking(this.place, &this.lock.object);
        this.becomes()
    }

    /// As in `parking_lot`.
    #[track_caller]
    pub fn downgrade_to_upgradable(this: Self) -> RwLockUpgradableReadGuard<'a, T> {
        unlocking(this.place, &this.lock.object);
        this.becomes()
    }
}

impl<'a, T, K: Kind> Guard<'a, T, K> {
    /// Without a step, so that no thread is let in between.
    #[track_caller]
    fn becomes<L: Kind>(mut self) -> Guard<'a, T, L> {
        self.release();
        self.lock.guard()
    }

    fn release(&mut self) {
        self.real = None;
        let state = self.lock.state.get();
        release(if K::WRITES {
            self.lock.id()
        } else {
            state.read
        });
        state.change(|inside| K::count(inside, false));
        self.lock.object.set_held(false);
        changed(self.lock.id());
    }
}

impl<T, K: Kind> Drop for Guard<'_, T, K> {
    fn drop(&mut self) {
        if self.real.is_some() {
            unlocking(self.place, &self.lock.object);
            self.release();
        }
    }
}

impl<T, K: Kind> Deref for Guard<'_, T, K> {
    type Target = T;

    fn deref(&self) -> &T {
        self.real.as_ref().expect("held until it is dropped")
    }
}

impl<T> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.real.as_mut().expect("held until it is dropped")
    }
}

impl<T: fmt::Debug, K: Kind> fmt::Debug for Guard<'_, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display, K: Kind> fmt::Display for Guard<'_, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RwLock { .. }")
    }
}
