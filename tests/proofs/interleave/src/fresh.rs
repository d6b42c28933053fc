//! What is made anew in each execution, so that a `static` starts each of them as it was.

use std::cell::{RefCell, UnsafeCell};
use std::fmt;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crate::{aside, serial};

/// What a model keeps of an object during an execution; `S::default()` at its start.
pub struct PerRun<S>(Mutex<(u64, Option<Arc<S>>)>);

impl<S> PerRun<S> {
    /// Nothing yet.
    #[expect(clippy::new_without_default, reason = "const")]
    pub const fn new() -> Self {
        Self(Mutex::new((0, None)))
    }

    /// What there is in this execution.
    pub fn get(&self) -> Arc<S>
    where
        S: Default,
    {
        self.get_or(S::default)
    }

    /// The same, if it is there.
    pub(crate) fn known(&self) -> Option<Arc<S>> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.1.clone().filter(|_| state.0 == serial())
    }

    /// The same, made by `new` if it is not there.
    pub fn get_or(&self, new: impl FnOnce() -> S) -> Arc<S> {
        let serial = serial();
        let known = {
            let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.1.clone().filter(|_| state.0 == serial)
        };
        known.unwrap_or_else(|| {
            let made = Arc::new(new());
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let old = std::mem::replace(&mut *state, (serial, Some(Arc::clone(&made))));
            drop(state);
            aside(|| drop(old));
            made
        })
    }
}

impl<S> fmt::Debug for PerRun<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerRun { .. }")
    }
}

/// A value of a model. If the model is a `static`, each execution finds the value as it was
/// compiled.
pub struct Slot<T> {
    serial: AtomicU64,
    initial: MaybeUninit<T>,
    value: UnsafeCell<T>,
}

// SAFETY: a search runs all its threads on one thread of the system, and nothing else has
// access to what they share: of searches whose programs have statics, one runs at a time.
unsafe impl<T: Send> Sync for Slot<T> {}

impl<T> Slot<T> {
    /// With this value.
    pub const fn new(value: T) -> Self {
        // SAFETY: the copy is used only if the slot lives longer than an execution, so is a
        // `static`. Then `value` is a constant that owns nothing.
        let initial = unsafe { ptr::read((&raw const value).cast::<MaybeUninit<T>>()) };
        Self {
            serial: AtomicU64::new(0),
            initial,
            value: UnsafeCell::new(value),
        }
    }

    /// The value.
    pub fn get(&self) -> &T {
        let now = serial();
        if now != 0 {
            let before = self.serial.swap(now, Relaxed);
            if before != 0 && before != now {
                // SAFETY: what referred to the value was part of an execution that has ended.
                // See `new` for the copy.
                let old =
                    unsafe { ptr::replace(self.value.get(), self.initial.assume_init_read()) };
                aside(|| drop(old));
            }
        }
        // SAFETY: only the branch above writes, when no thread has a reference.
        unsafe { &*self.value.get() }
    }

    /// The value, for its only user.
    pub fn get_mut(&mut self) -> &mut T {
        self.get();
        self.value.get_mut()
    }

    /// The value, without the slot.
    pub fn into_inner(self) -> T {
        self.get();
        self.value.into_inner()
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot { .. }")
    }
}

thread_local! {
    /// What the program has printed in this execution.
    static PRINTED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Adds to what the program has printed.
pub(crate) fn print(text: &str) {
    PRINTED.with_borrow_mut(|printed| printed.push_str(text));
}

/// What the program has printed so far.
pub(crate) fn printed() -> String {
    PRINTED.with_borrow(String::clone)
}

/// What the program has printed; nothing from now on.
pub(crate) fn take_printed() -> String {
    PRINTED.take()
}
