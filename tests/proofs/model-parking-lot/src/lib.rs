//! A model of `parking_lot`: what it has and `std` has not is `try_lock_for`, and no poison.
//! A closed list, like `model_std`.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync;
use std::time::Duration;

use interleave::{Chosen, Flag, Object, Ready, did, step};

/// `parking_lot::Mutex`.
pub struct Mutex<T> {
    object: Object,
    free: Flag,
    /// Never locked by two: `free` sees to that.
    value: sync::Mutex<T>,
}

/// `parking_lot::MutexGuard`.
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    value: Option<sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    /// As in `parking_lot`, but not `const`.
    pub fn new(value: T) -> Self {
        Self {
            object: Object::new(&value),
            free: Flag::new(true),
            value: sync::Mutex::new(value),
        }
    }

    /// As in `parking_lot`: waits.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        let name = || self.object.name();
        let ready = Ready::When(self.free.clone());
        step(|| format!("lock {}", name()), ready, &[self.object.id()]);
        did(|| format!("locks {}", name()));
        self.take()
    }

    /// As in `parking_lot`: does not wait.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        let next = || format!("try to lock {}", self.object.name());
        step(next, Ready::Always, &[self.object.id()]);
        self.take_if(self.free.is_up())
    }

    /// As in `parking_lot`; how long the limit is does not matter.
    pub fn try_lock_for(&self, _limit: Duration) -> Option<MutexGuard<'_, T>> {
        let ready = Ready::WhenOr(self.free.clone(), &[Chosen::TimedOut]);
        let next = || format!("lock {} in time", self.object.name());
        let chosen = step(next, ready, &[self.object.id()]);
        self.take_if(chosen == Chosen::Ready)
    }

    /// As in `parking_lot`.
    pub fn into_inner(self) -> T {
        self.value
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn take_if(&self, free: bool) -> Option<MutexGuard<'_, T>> {
        let did_it = if free { "locks" } else { "does not get" };
        did(|| format!("{did_it} {}", self.object.name()));
        free.then(|| self.take())
    }

    fn take(&self) -> MutexGuard<'_, T> {
        self.free.set(false);
        self.object.set_held(true);
        let value = self.value.try_lock().unwrap_or_else(|error| match error {
            sync::TryLockError::Poisoned(guard) => guard.into_inner(),
            sync::TryLockError::WouldBlock => panic!("taken twice by the same thread"),
        });
        MutexGuard {
            mutex: self,
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
        step(
            || format!("unlock {}", object.name()),
            Ready::Always,
            &[object.id()],
        );
        did(|| format!("unlocks {}", object.name()));
        if let Some(value) = self.value.take() {
            object.set_value(&*value);
        }
        object.set_held(false);
        free.set(true);
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
