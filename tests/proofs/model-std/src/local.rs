//! What each thread has for itself. No step: no other thread sees it.

use interleave::{PerRun, me};
use real_std::cell::{Cell, RefCell};
use real_std::collections::BTreeMap;
use real_std::fmt;
use real_std::rc::Rc;

pub use real_std::thread::AccessError;

/// `std::thread::LocalKey`. Values are dropped at the end of the execution, and not with their
/// threads.
pub struct LocalKey<T: 'static> {
    make: fn() -> T,
    values: PerRun<Values<T>>,
}

struct Values<T>(RefCell<BTreeMap<usize, Rc<T>>>);

impl<T> Default for Values<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

// SAFETY: all threads of a search are tasks on one thread of the system.
unsafe impl<T> Sync for LocalKey<T> {}

// SAFETY: likewise.
unsafe impl<T> Sync for Values<T> {}

// SAFETY: likewise.
unsafe impl<T> Send for Values<T> {}

impl<T: 'static> LocalKey<T> {
    #[doc(hidden)]
    pub const fn new(make: fn() -> T) -> Self {
        Self {
            make,
            values: PerRun::new(),
        }
    }

    /// As in `std`.
    pub fn with<R>(&'static self, act: impl FnOnce(&T) -> R) -> R {
        let values = self.values.get();
        let known = values.0.borrow().get(&me()).cloned();
        let value = known.unwrap_or_else(|| {
            let value = Rc::new((self.make)());
            values.0.borrow_mut().insert(me(), Rc::clone(&value));
            value
        });
        act(&value)
    }

    /// As in `std`.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn try_with<R>(&'static self, act: impl FnOnce(&T) -> R) -> Result<R, AccessError> {
        Ok(self.with(act))
    }
}

impl<T: 'static> LocalKey<Cell<T>> {
    /// As in `std`.
    pub fn set(&'static self, value: T) {
        self.with(|cell| cell.set(value));
    }

    /// As in `std`.
    pub fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.with(Cell::get)
    }

    /// As in `std`.
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(Cell::take)
    }

    /// As in `std`.
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> LocalKey<RefCell<T>> {
    /// As in `std`.
    pub fn with_borrow<R>(&'static self, act: impl FnOnce(&T) -> R) -> R {
        self.with(|cell| act(&cell.borrow()))
    }

    /// As in `std`.
    pub fn with_borrow_mut<R>(&'static self, act: impl FnOnce(&mut T) -> R) -> R {
        self.with(|cell| act(&mut cell.borrow_mut()))
    }

    /// As in `std`.
    pub fn set(&'static self, value: T) {
        self.with(|cell| cell.replace(value));
    }

    /// As in `std`.
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(RefCell::take)
    }

    /// As in `std`.
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalKey { .. }")
    }
}

/// `std::thread_local!`.
#[macro_export]
macro_rules! thread_local {
    () => {};
    ($(#[$attribute:meta])* $visible:vis static $name:ident: $type:ty = const $init:block $(; $($rest:tt)*)?) => {
        $crate::thread_local! { $(#[$attribute])* $visible static $name: $type = $init $(; $($rest)*)? }
    };
    ($(#[$attribute:meta])* $visible:vis static $name:ident: $type:ty = $init:expr $(; $($rest:tt)*)?) => {
        $(#[$attribute])*
        $visible static $name: $crate::thread::LocalKey<$type> = {
            fn make() -> $type {
                $init
            }
            $crate::thread::LocalKey::new(make)
        };
        $($crate::thread_local! { $($rest)* })?
    };
}
