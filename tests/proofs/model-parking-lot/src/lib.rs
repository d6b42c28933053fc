//! A model of `parking_lot`: what it has and `std` has not is `try_lock_for`, and no poison.
//! A closed list, like `model_std`.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync;
use std::time::Duration;

use interleave::{Chosen, Flag, Id, Object, PerRun, Ready, Slot, changed, did, step, step_at};

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
        let next = || format!("try to lock {}", self.object.name());
        step(next, Ready::Always, &[self.id()]);
        self.take_if(self.free.get().0.is_up())
    }

    /// As in `parking_lot`; how long the limit is does not matter.
    #[track_caller]
    pub fn try_lock_for(&self, _limit: Duration) -> Option<MutexGuard<'_, T>> {
        let ready = Ready::WhenOr(self.free.get().0.clone(), &[Chosen::TimedOut]);
        let next = || format!("lock {} in time", self.object.name());
        let chosen = step(next, ready, &[self.id()]);
        self.take_if(chosen == Chosen::Ready)
    }

    /// As in `parking_lot`.
    pub fn into_inner(self) -> T {
        self.value
            .into_inner()
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
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
        free.then(|| self.take())
    }

    #[track_caller]
    fn take(&self) -> MutexGuard<'_, T> {
        self.free.get().0.set(false);
        self.object.set_held(true);
        let value = self
            .value
            .get()
            .try_lock()
            .unwrap_or_else(|error| match error {
                sync::TryLockError::Poisoned(guard) => guard.into_inner(),
                sync::TryLockError::WouldBlock => panic!("taken twice by the same thread"),
            });
        MutexGuard {
            mutex: self,
            place: Location::caller(),
            value: Some(value),
        }
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutex { .. }")
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        let Mutex { object, free, .. } = self.mutex;
        let next = || format!("unlock {}", object.name());
        step_at(self.place, next, Ready::Always, &[object.id(&())]);
        did(|| format!("unlocks {}", object.name()));
        if let Some(value) = self.value.take() {
            object.set_value(&*value);
        }
        object.set_held(false);
        free.get().0.set(true);
        changed(object.id(&()));
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("held until it is dropped")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("held until it is dropped")
    }
}
