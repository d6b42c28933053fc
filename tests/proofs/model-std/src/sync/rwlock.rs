//! The lock for readers and writers: acquiring it is a step. Releasing it as a writer is none;
//! releasing it as a reader is none either, as only acquiring it could tell.
//!
//! As in `std`, nothing is promised of the order in which those that wait get it. A thread that
//! reads already may wait behind a writer that waits, and does so here if the schedule says so.

use interleave::{Flag, Id, Object, PerRun, Ready, Slot, changed, did, is_unwinding, step};
use interleave::{acquire, release, step_at, tries, unlocking_is_seen};
use real_std::fmt;
use real_std::ops::{Deref, DerefMut};
use real_std::panic::Location;
use real_std::sync::{Arc, LockResult, Mutex, PoisonError, TryLockError, TryLockResult};

use super::{checked, taken};

/// `std::sync::RwLock`.
pub struct RwLock<T> {
    object: Object,
    state: PerRun<State>,
    value: Slot<real_std::sync::RwLock<T>>,
}

struct State {
    /// What readers release, and only writers acquire.
    read: Id,
    /// No thread has it: for writers.
    free: Flag,
    /// No writer has it, and none waits before this: for readers.
    readable: Flag,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    readers: u32,
    writer: bool,
    /// Writers that wait. Readers that come now wait as well.
    queue: u32,
    poisoned: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            read: Id::new(),
            free: Flag::new(true),
            readable: Flag::new(true),
            inside: Mutex::default(),
        }
    }
}

impl State {
    fn change<T>(&self, change: impl FnOnce(&mut Inside) -> T) -> T {
        let mut inside = self.inside.try_lock().expect("held for no step");
        let result = change(&mut inside);
        self.free.set(inside.readers == 0 && !inside.writer);
        self.readable.set(!inside.writer && inside.queue == 0);
        result
    }
}

/// `std::sync::RwLockReadGuard`.
pub struct RwLockReadGuard<'a, T> {
    lock: &'a RwLock<T>,
    place: &'static Location<'static>,
    state: Arc<State>,
    value: Option<real_std::sync::RwLockReadGuard<'a, T>>,
}

/// `std::sync::RwLockWriteGuard`.
pub struct RwLockWriteGuard<'a, T> {
    lock: &'a RwLock<T>,
    place: &'static Location<'static>,
    state: Arc<State>,
    unwinding: bool,
    value: Option<real_std::sync::RwLockWriteGuard<'a, T>>,
}

impl<T> RwLock<T> {
    /// As in `std`.
    pub const fn new(value: T) -> Self {
        Self {
            object: Object::new(),
            state: PerRun::new(),
            value: Slot::new(real_std::sync::RwLock::new(value)),
        }
    }

    /// As in `std`: waits for writers, also for those that wait.
    ///
    /// # Errors
    ///
    /// If a panic began in a thread while it wrote.
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let state = self.state.get();
        let ready = Ready::When(state.readable.clone());
        step(|| "lock to read".into(), ready, &[self.id().looked_at()]);
        did(|| "locks to read".into());
        let guard = self.reader(state);
        checked(self.poisoned(), guard)
    }

    /// As in `std`: waits.
    ///
    /// # Errors
    ///
    /// If a panic began in a thread while it wrote.
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let state = self.state.get();
        // To wait is a step of its own: from then on no reader is let in.
        step(|| "ask to write".into(), Ready::Always, &[self.id()]);
        if !state.free.is_up() {
            did(|| "waits to write".into());
            state.change(|inside| inside.queue += 1);
            changed(self.id());
            let ready = Ready::When(state.free.clone());
            step(|| "lock to write".into(), ready, &[self.id()]);
            state.change(|inside| inside.queue -= 1);
        }
        did(|| "locks to write".into());
        let guard = self.writer(state);
        checked(self.poisoned(), guard)
    }

    /// As in `std`: does not wait.
    ///
    /// # Errors
    ///
    /// If a writer has it or waits, or a panic began in a thread while it wrote.
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        tries();
        let state = self.state.get();
        step(|| "try to lock to read".into(), Ready::Always, &[self.id()]);
        if !state.readable.is_up() {
            did(|| "does not get it".into());
            return Err(TryLockError::WouldBlock);
        }
        did(|| "locks to read".into());
        let guard = self.reader(state);
        Ok(checked(self.poisoned(), guard)?)
    }

    /// As in `std`: does not wait.
    ///
    /// # Errors
    ///
    /// If another thread has it, or a panic began in a thread while it wrote.
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        tries();
        let state = self.state.get();
        step(
            || "try to lock to write".into(),
            Ready::Always,
            &[self.id()],
        );
        if !state.free.is_up() {
            did(|| "does not get it".into());
            return Err(TryLockError::WouldBlock);
        }
        did(|| "locks to write".into());
        let guard = self.writer(state);
        Ok(checked(self.poisoned(), guard)?)
    }

    /// As in `std`.
    #[track_caller]
    pub fn is_poisoned(&self) -> bool {
        tries();
        step(|| "look for poison".into(), Ready::Always, &[self.id()]);
        self.poisoned()
    }

    /// As in `std`.
    #[track_caller]
    pub fn clear_poison(&self) {
        step(|| "clear the poison".into(), Ready::Always, &[self.id()]);
        self.state.get().change(|inside| inside.poisoned = false);
    }

    /// As in `std`: no step, as there is only one user.
    ///
    /// # Errors
    ///
    /// If a panic began in a thread while it wrote.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        let poisoned = self.poisoned();
        let value = self.value.get_mut().get_mut();
        let value = value.unwrap_or_else(PoisonError::into_inner);
        checked(poisoned, value)
    }

    /// As in `std`: no step, as there is only one user.
    ///
    /// # Errors
    ///
    /// If a panic began in a thread while it wrote.
    pub fn into_inner(self) -> LockResult<T> {
        let poisoned = self.poisoned();
        let value = self.value.into_inner().into_inner();
        let value = value.unwrap_or_else(PoisonError::into_inner);
        checked(poisoned, value)
    }

    fn id(&self) -> Id {
        self.object.id(&())
    }

    fn poisoned(&self) -> bool {
        self.state.get().change(|inside| inside.poisoned)
    }

    #[track_caller]
    fn reader(&self, state: Arc<State>) -> RwLockReadGuard<'_, T> {
        state.change(|inside| inside.readers += 1);
        self.object.set_held(true);
        acquire(self.id());
        let value = taken(self.value.get().try_read());
        RwLockReadGuard {
            lock: self,
            place: Location::caller(),
            state,
            value: Some(value),
        }
    }

    #[track_caller]
    fn writer(&self, state: Arc<State>) -> RwLockWriteGuard<'_, T> {
        state.change(|inside| inside.writer = true);
        self.object.set_held(true);
        acquire(self.id());
        acquire(state.read);
        let value = taken(self.value.get().try_write());
        RwLockWriteGuard {
            lock: self,
            place: Location::caller(),
            state,
            unwinding: is_unwinding(),
            value: Some(value),
        }
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

impl<T: fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(guard) => text.field("data", &*guard),
            Err(TryLockError::Poisoned(guard)) => text.field("data", &**guard.get_ref()),
            Err(TryLockError::WouldBlock) => text.field("data", &format_args!("<locked>")),
        };
        text.field("poisoned", &self.is_poisoned())
            .finish_non_exhaustive()
    }
}

impl<'a, T> RwLockWriteGuard<'a, T> {
    /// As in `std`: from now on it only reads, and no writer comes in between.
    #[track_caller]
    pub fn downgrade(mut this: Self) -> RwLockReadGuard<'a, T> {
        let (lock, state) = (this.lock, Arc::clone(&this.state));
        let next = || "go on as a reader".into();
        step(next, Ready::Always, &[lock.id()]);
        let value = this.value.take().expect("held until it is dropped");
        release(lock.id());
        state.change(|inside| {
            inside.writer = false;
            inside.readers += 1;
        });
        changed(lock.id());
        did(|| "goes on as a reader".into());
        RwLockReadGuard {
            lock,
            place: Location::caller(),
            state,
            value: Some(real_std::sync::RwLockWriteGuard::downgrade(value)),
        }
    }
}

impl<T> Drop for RwLockReadGuard<'_, T> {
    fn drop(&mut self) {
        if unlocking_is_seen() {
            let id = self.lock.id();
            step_at(self.place, || "unlock".into(), Ready::Always, &[id]);
        }
        self.value = None;
        release(self.state.read);
        self.state.change(|inside| inside.readers -= 1);
        self.lock.object.set_held(false);
        did(|| "unlocks".into());
    }
}

impl<T> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        if self.value.is_none() {
            return; // It goes on as a reader.
        }
        if unlocking_is_seen() {
            let id = self.lock.id();
            step_at(self.place, || "unlock".into(), Ready::Always, &[id]);
        }
        self.value = None;
        let poisoned = is_unwinding() && !self.unwinding;
        release(self.lock.id());
        self.state.change(|inside| {
            inside.writer = false;
            inside.poisoned |= poisoned;
        });
        self.lock.object.set_held(false);
        changed(self.lock.id());
        did(|| "unlocks".into());
    }
}

impl<T> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("held until it is dropped")
    }
}

impl<T> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("held until it is dropped")
    }
}

impl<T> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("held until it is dropped")
    }
}

impl<T: fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
