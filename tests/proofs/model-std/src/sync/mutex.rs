//! The mutex: acquiring it is a step. Releasing it is none: no thread can do anything with it
//! before.

use interleave::{Flag, Id, Object, PerRun, Ready, Slot, changed, did, is_unwinding, number, step};
use interleave::{acquire, release, step_at, step_for_the_view, tries, unlocking_is_seen};
use real_std::fmt;
use real_std::ops::{Deref, DerefMut};
use real_std::panic::Location;
use real_std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use real_std::sync::{Arc, LockResult, PoisonError, TryLockError, TryLockResult};

use super::{checked, taken};

/// `std::sync::Mutex`.
pub struct Mutex<T> {
    object: Object,
    state: PerRun<State>,
    /// Never locked by two: `free` sees to that.
    value: Slot<real_std::sync::Mutex<T>>,
}

struct State {
    free: Flag,
    poisoned: AtomicBool,
}

impl Default for State {
    fn default() -> Self {
        let (free, poisoned) = (Flag::new(true), AtomicBool::new(false));
        Self { free, poisoned }
    }
}

/// `std::sync::MutexGuard`.
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    state: Arc<State>,
    /// Where it was locked: there is no better place for its end.
    place: &'static Location<'static>,
    /// Locked by a destructor, as a panic went by: that does no harm to the value.
    unwinding: bool,
    /// The value was looked at, or changed.
    used: AtomicBool,
    value: Option<real_std::sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    /// As in `std`.
    pub const fn new(value: T) -> Self {
        Self {
            object: Object::new(),
            state: PerRun::new(),
            value: Slot::new(real_std::sync::Mutex::new(value)),
        }
    }

    /// As in `std`: waits.
    ///
    /// # Errors
    ///
    /// If a panic began in a thread while it held the mutex.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let (id, state) = (self.id(), self.state.get());
        let next = || format!("lock {}", self.object.name());
        step(next, Ready::When(state.free.clone()), &[id]);
        let guard = self.take(state);
        did(|| match guard.value.as_deref().and_then(number) {
            Some(value) => format!("locks, finds {value}"),
            None => format!("locks {}", self.object.name()),
        });
        checked(guard.state.poisoned.load(SeqCst), guard)
    }

    /// As in `std`: does not wait.
    ///
    /// # Errors
    ///
    /// If it is locked, or a panic began in a thread while it held the mutex.
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        tries();
        let (id, state) = (self.id(), self.state.get());
        let next = || format!("try to lock {}", self.object.name());
        step(next, Ready::Always, &[id]);
        if !state.free.is_up() {
            did(|| format!("does not get {}", self.object.name()));
            return Err(TryLockError::WouldBlock);
        }
        let guard = self.take(state);
        did(|| format!("locks {}", self.object.name()));
        Ok(checked(guard.state.poisoned.load(SeqCst), guard)?)
    }

    /// As in `std`.
    #[track_caller]
    pub fn is_poisoned(&self) -> bool {
        tries();
        step(|| "look for poison".into(), Ready::Always, &[self.id()]);
        self.state.get().poisoned.load(SeqCst)
    }

    /// As in `std`.
    #[track_caller]
    pub fn clear_poison(&self) {
        step(|| "clear the poison".into(), Ready::Always, &[self.id()]);
        self.state.get().poisoned.store(false, SeqCst);
        changed(self.id());
    }

    /// As in `std`: no step, as there is only one user.
    ///
    /// # Errors
    ///
    /// If a panic began in a thread while it held the mutex.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        let poisoned = self.state.get().poisoned.load(SeqCst);
        let value = self.value.get_mut().get_mut();
        let value = value.unwrap_or_else(PoisonError::into_inner);
        checked(poisoned, value)
    }

    /// As in `std`: no step, as there is only one user.
    ///
    /// # Errors
    ///
    /// If a panic began in a thread while it held the mutex.
    pub fn into_inner(self) -> LockResult<T> {
        let poisoned = self.state.get().poisoned.load(SeqCst);
        let value = self.value.into_inner().into_inner();
        let value = value.unwrap_or_else(PoisonError::into_inner);
        checked(poisoned, value)
    }

    fn id(&self) -> Id {
        match self.value.get().try_lock() {
            Ok(value) => self.object.id(&*value),
            Err(_) => self.object.id(&()),
        }
    }

    #[track_caller]
    fn take(&self, state: Arc<State>) -> MutexGuard<'_, T> {
        state.free.set(false);
        self.object.set_held(true);
        acquire(self.object.id(&()));
        let value = taken(self.value.get().try_lock());
        MutexGuard {
            mutex: self,
            state,
            place: Location::caller(),
            unwinding: is_unwinding(),
            used: AtomicBool::new(false),
            value: Some(value),
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

impl<T: fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(guard) => text.field("data", &*guard),
            Err(TryLockError::Poisoned(guard)) => text.field("data", &**guard.get_ref()),
            Err(TryLockError::WouldBlock) => text.field("data", &"<locked>"),
        };
        text.field("poisoned", &self.is_poisoned())
            .finish_non_exhaustive()
    }
}

impl<'a, T> MutexGuard<'a, T> {
    pub(super) fn id(&self) -> Id {
        self.mutex.object.id(&())
    }

    pub(super) fn mutex(&self) -> &'a Mutex<T> {
        self.mutex
    }

    /// Releases it without a step of its own.
    pub(super) fn let_go(mut self) {
        self.release();
    }

    /// Returns the value, for the view. Once only.
    fn release(&mut self) -> Option<i64> {
        let value = self.value.take()?;
        let number = number(&*value);
        if self.used.load(SeqCst) {
            self.mutex.object.set_value(&*value);
        }
        drop(value);
        self.mutex.object.set_held(false);
        release(self.id());
        self.state.free.set(true);
        number
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if self.value.is_none() {
            return;
        }
        if is_unwinding() && !self.unwinding {
            self.state.poisoned.store(true, SeqCst);
            changed(self.id());
        }
        if unlocking_is_seen() {
            let next = || format!("unlock {}", self.mutex.object.name());
            step_at(self.place, next, Ready::Always, &[self.id()]);
        }
        let next = || format!("unlock {}", self.mutex.object.name());
        step_for_the_view(self.place, next);
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
