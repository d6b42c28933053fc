//! Cells, which one thread has for itself: no step, but in view.

use interleave::{Object, did, is_at, number};
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
