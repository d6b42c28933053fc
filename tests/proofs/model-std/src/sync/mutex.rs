//! The mutex: taking it is a step. Letting it go is none: nobody can do anything with it before.

use interleave::{Flag, Id, Object, Ready, did, is_unwinding, number, step, step_for_the_view};
use real_std::fmt;
use real_std::ops::{Deref, DerefMut};
use real_std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use real_std::sync::{LockResult, PoisonError};

/// `std::sync::Mutex`. There is no `try_lock`; who needs it, models it.
pub struct Mutex<T> {
    object: Object,
    free: Flag,
    poisoned: AtomicBool,
    /// Never locked by two: `free` sees to that.
    value: real_std::sync::Mutex<T>,
}

/// `std::sync::MutexGuard`.
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// Locked by a destructor, as a panic went by: that does no harm to the value.
    unwinding: bool,
    value: Option<real_std::sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    /// As in `std`, but not `const`.
    pub fn new(value: T) -> Self {
        Self {
            object: Object::new(&value),
            free: Flag::new(true),
            poisoned: AtomicBool::new(false),
            value: real_std::sync::Mutex::new(value),
        }
    }

    /// As in `std`: waits.
    ///
    /// # Errors
    ///
    /// If a panic began in a thread while it held the mutex.
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let next = || format!("lock {}", self.object.name());
        step(next, Ready::When(self.free.clone()), &[self.object.id()]);
        let guard = self.take();
        did(|| match number(&*guard) {
            Some(value) => format!("locks, finds {value}"),
            None => format!("locks {}", self.object.name()),
        });
        if self.poisoned.load(SeqCst) {
            Err(PoisonError::new(guard))
        } else {
            Ok(guard)
        }
    }

    fn take(&self) -> MutexGuard<'_, T> {
        self.free.set(false);
        self.object.set_held(true);
        let value = self.value.try_lock().unwrap_or_else(|error| match error {
            real_std::sync::TryLockError::Poisoned(guard) => guard.into_inner(),
            real_std::sync::TryLockError::WouldBlock => panic!("taken twice by the same thread"),
        });
        MutexGuard {
            mutex: self,
            unwinding: is_unwinding(),
            value: Some(value),
        }
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutex { .. }")
    }
}

impl<'a, T> MutexGuard<'a, T> {
    pub(super) fn id(&self) -> Id {
        self.mutex.object.id()
    }

    /// Lets go without a step of its own, and tells what to take again.
    pub(super) fn let_go(mut self) -> &'a Mutex<T> {
        self.release();
        self.mutex
    }

    /// Returns the value, for the view. Once only.
    fn release(&mut self) -> Option<i64> {
        let value = self.value.take()?;
        let number = number(&*value);
        self.mutex.object.set_value(&*value);
        drop(value);
        self.mutex.object.set_held(false);
        self.mutex.free.set(true);
        number
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if self.value.is_none() {
            return;
        }
        if is_unwinding() && !self.unwinding {
            self.mutex.poisoned.store(true, SeqCst);
        }
        step_for_the_view(|| format!("unlock {}", self.mutex.object.name()));
        let number = self.release();
        did(|| match number {
            Some(value) => format!("unlocks, leaves {value}"),
            None => format!("unlocks {}", self.mutex.object.name()),
        });
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
