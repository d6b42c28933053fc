//! The mutex. Releasing it is a step if a thread may try it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use interleave::{
    Chosen, Flag, Id, Object, PerRun, Ready, Slot, acquire, did, release, step, tries,
};

use crate::{taken, unlocking};

/// `parking_lot::Mutex`.
pub struct Mutex<T> {
    object: Object,
    free: PerRun<Free>,
    /// Never locked by two: `free` sees to that.
    value: Slot<sync::Mutex<T>>,
}

struct Free(Flag);

impl Default for Free {
    fn default() -> Self {
        Self(Flag::new(true))
    }
}

/// `parking_lot::MutexGuard`.
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// Where it was locked: there is no better place for its end.
    place: &'static Location<'static>,
    /// The value was looked at, or changed.
    used: AtomicBool,
    /// Nothing while it waits for a condition variable.
    value: Option<sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    /// As in `parking_lot`.
    pub const fn new(value: T) -> Self {
        Self {
            object: Object::new(),
            free: PerRun::new(),
            value: Slot::new(sync::Mutex::new(value)),
        }
    }

    /// As in `parking_lot`: waits.
    #[track_caller]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        let name = || self.object.name();
        let ready = Ready::When(self.free.get().0.clone());
        step(|| format!("lock {}", name()), ready, &[self.id()]);
        did(|| format!("locks {}", name()));
        self.take()
    }

    /// As in `parking_lot`: does not wait.
    #[track_caller]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        tries();
        let next = || format!("try to lock {}", self.object.name());
        step(next, Ready::Always, &[self.id()]);
        self.take_if(self.free.get().0.is_up())
    }

    /// As in `parking_lot`; how long the limit is does not matter.
    #[track_caller]
    pub fn try_lock_for(&self, _limit: Duration) -> Option<MutexGuard<'_, T>> {
        tries();
        let ready = Ready::WhenOr(self.free.get().0.clone(), &[Chosen::TimedOut]);
        let next = || format!("lock {} in time", self.object.name());
        let chosen = step(next, ready, &[self.id()]);
        self.take_if(chosen == Chosen::Ready)
    }

    /// As in `parking_lot`.
    #[track_caller]
    pub fn is_locked(&self) -> bool {
        tries();
        let next = || format!("look at {}", self.object.name());
        step(next, Ready::Always, &[self.id()]);
        !self.free.get().0.is_up()
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
        match self.value.get().try_lock() {
            Ok(value) => self.object.id(&*value),
            Err(_) => self.object.id(&()),
        }
    }

    #[track_caller]
    fn take_if(&self, free: bool) -> Option<MutexGuard<'_, T>> {
        let did_it = if free { "locks" } else { "does not get" };
        did(|| format!("{did_it} {}", self.object.name()));
        // A closure would lose the place of the caller.
        if free { Some(self.take()) } else { None }
    }

    #[track_caller]
    fn take(&self) -> MutexGuard<'_, T> {
        self.free.get().0.set(false);
        self.object.set_held(true);
        acquire(self.object.id(&()));
        MutexGuard {
            mutex: self,
            place: Location::caller(),
            used: AtomicBool::new(false),
            value: Some(taken(self.value.get().try_lock())),
        }
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutex { .. }")
    }
}

impl<T> MutexGuard<'_, T> {
    pub(crate) fn id(&self) -> Id {
        self.mutex.object.id(&())
    }

    /// Releases the mutex without a step, for now.
    pub(crate) fn release(&mut self) {
        let Some(value) = self.value.take() else {
            return;
        };
        if self.used.load(SeqCst) {
            self.mutex.object.set_value(&*value);
        }
        drop(value);
        self.mutex.object.set_held(false);
        release(self.id());
        self.mutex.free.get().0.set(true);
    }

    /// Acquires it again.
    #[track_caller]
    pub(crate) fn again(&mut self) {
        *self = self.mutex.lock();
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if self.value.is_some() {
            unlocking(self.place, &self.mutex.object);
            self.release();
        }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.used.store(true, SeqCst);
        self.value.as_ref().expect("held until it is dropped")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.used.store(true, SeqCst);
        self.value.as_mut().expect("held until it is dropped")
    }
}

impl<T: fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
