//! Cells. Those that one thread has for itself: no step, but in view. `UnsafeCell`, which threads may
//! share: no step either, but an access that nothing orders with another is a data race.

use interleave::{Object, Plain, Slot, did, is_at, number};
use real_std::fmt;
use real_std::panic::Location;

/// `std::cell::Cell`.
pub struct Cell<T> {
    object: Object,
    value: real_std::cell::Cell<T>,
}

impl<T> Cell<T> {
    /// As in `std`.
    pub fn new(value: T) -> Self {
        let object = Object::new();
        // It is in view from now on.
        object.id(&value);
        let value = real_std::cell::Cell::new(value);
        Self { object, value }
    }

    /// As in `std`.
    #[track_caller]
    pub fn set(&self, value: T) {
        is_at(Location::caller());
        let number = number(&value);
        self.object.set_value(&value);
        self.value.set(value);
        did(|| number.map_or("sets it".into(), |number| format!("sets {number}")));
    }
}

impl<T: Copy> Cell<T> {
    /// As in `std`.
    #[track_caller]
    pub fn get(&self) -> T {
        is_at(Location::caller());
        let value = self.value.get();
        did(|| number(&value).map_or("reads it".into(), |number| format!("reads {number}")));
        value
    }
}

/// `std::cell::UnsafeCell`.
pub struct UnsafeCell<T> {
    plain: Plain,
    value: Slot<real_std::cell::UnsafeCell<T>>,
}

impl<T> UnsafeCell<T> {
    /// As in `std`.
    pub const fn new(value: T) -> Self {
        Self {
            plain: Plain::new(),
            value: Slot::new(real_std::cell::UnsafeCell::new(value)),
        }
    }

    /// As in `std`. The access is here, and not where the pointer is used: see [`Plain::access`].
    #[track_caller]
    pub fn get(&self) -> *mut T {
        self.plain.access();
        self.value.get().get()
    }

    /// As in `std`: there is only one user.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut().get_mut()
    }

    /// As in `std`: there is only one user.
    pub fn into_inner(self) -> T {
        self.value.into_inner().into_inner()
    }
}

impl<T: Default> Default for UnsafeCell<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for UnsafeCell<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> fmt::Debug for UnsafeCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnsafeCell { .. }")
    }
}
