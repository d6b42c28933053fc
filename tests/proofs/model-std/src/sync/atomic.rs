//! Atomics. Every access is a step: in one order for all threads, as with `SeqCst`; or in an
//! execution in which it reads and writes as its `Ordering` allows. Which of the two is a bound of
//! the search.

use interleave::{Access, Accessed, Chosen, Object, Ready, Slot, access, did, wrote};
use real_std::fmt;

pub use real_std::sync::atomic::Ordering;

/// `std::sync::atomic::fence`. No step: what other threads see of it is only what they read.
#[track_caller]
pub fn fence(order: Ordering) {
    must_exist(order != Ordering::Relaxed, order, "fence");
    if interleave::fence(order) {
        did(|| format!("{order:?} fence"));
    }
}

/// `std::sync::atomic::compiler_fence`.
#[track_caller]
pub fn compiler_fence(order: Ordering) {
    must_exist(order != Ordering::Relaxed, order, "compiler fence");
}

/// Panics as `std` does if a load releases, or a store acquires.
#[track_caller]
fn check(access: Access) {
    use Ordering::{AcqRel, Acquire, Release};
    match access {
        Access::Load(order) => must_exist(!matches!(order, Release | AcqRel), order, "load"),
        Access::Store(order) => must_exist(!matches!(order, Acquire | AcqRel), order, "store"),
        Access::Exchange { failure, .. } => must_exist(
            !matches!(failure, Release | AcqRel),
            failure,
            "failure ordering",
        ),
        Access::Update(_) => (),
    }
}

#[track_caller]
fn must_exist(exists: bool, order: Ordering, what: &str) {
    let order = match order {
        Ordering::Relaxed => "a relaxed",
        Ordering::Release => "a release",
        Ordering::Acquire => "an acquire",
        _ => "an acquire-release",
    };
    assert!(exists, "there is no such thing as {order} {what}");
}

/// A value that was read, and the newest one, if that is of another write.
struct Read<T> {
    value: T,
    newer: Option<T>,
}

impl<T: fmt::Debug + PartialEq> fmt::Display for Read<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = &self.value;
        match &self.newer {
            Some(newer) if newer == value => write!(f, "an older {value:?}"),
            Some(newer) => write!(f, "{value:?}, although {newer:?} has been written"),
            None => write!(f, "{value:?}"),
        }
    }
}

/// A value that was written, and the newest one, if that is of another write.
struct Written<T> {
    value: T,
    newer: Option<T>,
}

impl<T: fmt::Debug + PartialEq> fmt::Display for Written<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = &self.value;
        match &self.newer {
            Some(newer) if newer == value => {
                write!(f, "{value:?}, which is older than another one")
            }
            Some(newer) => write!(f, "{value:?}, which is older than {newer:?}"),
            None => write!(f, "{value:?}"),
        }
    }
}

macro_rules! atomic {
    ([$($generic:ident)?] $Atomic:ident, $value:ty, $key:expr, $of_key:expr) => {
        /// As in `std`.
        pub struct $Atomic<$($generic)?> {
            object: Object,
            value: Slot<real_std::sync::atomic::$Atomic<$($generic)?>>,
        }

        impl<$($generic)?> $Atomic<$($generic)?> {
            /// As in `std`.
            pub const fn new(value: $value) -> Self {
                let value = Slot::new(real_std::sync::atomic::$Atomic::new(value));
                Self { object: Object::new(), value }
            }

            /// As in `std`.
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                let read = self.access("read", Access::Load(order));
                did(|| format!("reads {read}"));
                read.value
            }

            /// As in `std`.
            #[track_caller]
            pub fn store(&self, value: $value, order: Ordering) {
                self.access("write", Access::Store(order));
                let written = self.set(value);
                did(|| format!("writes {written}"));
            }

            /// As in `std`.
            #[track_caller]
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                let read = self.access("swap", Access::Update(order));
                let written = self.set(value);
                did(|| format!("finds {read}, writes {written}"));
                read.value
            }

            /// As in `std`.
            ///
            /// # Errors
            ///
            /// The value, if it was not the expected one.
            #[track_caller]
            pub fn compare_exchange(
                &self,
                expected: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                let found = self.step("compare and swap", Ready::Always, Access::Exchange {
                    expected: Self::key(expected),
                    success,
                    failure,
                });
                self.exchange(found, expected, new)
            }

            /// As in `std`: may fail for no reason.
            ///
            /// # Errors
            ///
            /// The value, if it was not the expected one, or for no reason.
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                expected: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                let ready = Ready::AlwaysOr(Chosen::Spurious);
                let found = self.step("compare and swap", ready, Access::Exchange {
                    expected: Self::key(expected),
                    success,
                    failure,
                });
                match found.chosen {
                    Chosen::Spurious => {
                        did(|| "fails for no reason".into());
                        // What it reads then is up to the execution.
                        Err(if interleave::is_weak() { self.load(failure) } else { self.get() })
                    }
                    _ => self.exchange(found, expected, new),
                }
            }

            /// As in `std`.
            ///
            /// # Errors
            ///
            /// The value for which `update` returned `None`.
            #[track_caller]
            pub fn fetch_update(
                &self,
                set: Ordering,
                fetch: Ordering,
                mut update: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                let mut before = self.load(fetch);
                while let Some(new) = update(before) {
                    match self.compare_exchange(before, new, set, fetch) {
                        Ok(_) => return Ok(before),
                        Err(changed) => before = changed,
                    }
                }
                Err(before)
            }

            /// As in `std`.
            ///
            /// # Errors
            ///
            /// The value for which `update` returned `None`.
            #[track_caller]
            pub fn try_update(
                &self,
                set: Ordering,
                fetch: Ordering,
                update: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                self.fetch_update(set, fetch, update)
            }

            /// As in `std`.
            #[track_caller]
            pub fn update(
                &self,
                set: Ordering,
                fetch: Ordering,
                mut update: impl FnMut($value) -> $value,
            ) -> $value {
                let some = |value| Some(update(value));
                self.fetch_update(set, fetch, some).unwrap_or_else(|value| value)
            }

            /// As in `std`: no step, as there is only one user.
            pub fn get_mut(&mut self) -> &mut $value {
                self.value.get_mut().get_mut()
            }

            /// As in `std`: no step, as there is only one user.
            pub fn into_inner(self) -> $value {
                self.value.into_inner().into_inner()
            }

            fn exchange(
                &self,
                found: Accessed,
                expected: $value,
                new: $value,
            ) -> Result<$value, $value> {
                let read = self.read(found);
                if read.value == expected {
                    let written = self.set(new);
                    did(|| format!("still {read}: writes {written}"));
                    Ok(read.value)
                } else {
                    did(|| format!("not {expected:?} but {read}"));
                    Err(read.value)
                }
            }

            /// A step that accesses it.
            #[track_caller]
            fn access(&self, what: &str, how: Access) -> Read<$value> {
                self.read(self.step(what, Ready::Always, how))
            }

            #[track_caller]
            fn step(&self, what: &str, ready: Ready, how: Access) -> Accessed {
                check(how);
                let now = self.get();
                let next = || format!("{what} {}", self.object.name());
                let words = |key| format!("{:?}", Self::of_key(key));
                access(next, ready, self.object.id(&now), Self::key(now), words, how)
            }

            fn read(&self, found: Accessed) -> Read<$value> {
                Read {
                    value: found.read.map_or_else(|| self.get(), Self::of_key),
                    newer: found.newer.map(Self::of_key),
                }
            }

            fn get(&self) -> $value {
                self.value.get().load(Ordering::SeqCst)
            }

            /// Writes it. In view is the newest value.
            fn set(&self, value: $value) -> Written<$value> {
                let newer = wrote(Self::key(value)).map(Self::of_key);
                let newest = newer.unwrap_or(value);
                if self.value.get().swap(newest, Ordering::SeqCst) != newest {
                    self.object.set_value(&newest);
                }
                Written { value, newer }
            }

            fn key(value: $value) -> u64 {
                let key: fn($value) -> u64 = $key;
                key(value)
            }

            fn of_key(key: u64) -> $value {
                let value: fn(u64) -> $value = $of_key;
                value(key)
            }
        }

        impl<$($generic)?> fmt::Debug for $Atomic<$($generic)?> {
            #[track_caller]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.load(Ordering::Relaxed).fmt(f)
            }
        }

        impl<$($generic)?> From<$value> for $Atomic<$($generic)?> {
            fn from(value: $value) -> Self {
                Self::new(value)
            }
        }
    };
}

macro_rules! fetch {
    ($value:ty: $($name:ident, $said:literal $did:literal, $act:expr;)+) => {
        $(
            /// As in `std`.
            #[track_caller]
            pub fn $name(&self, value: $value, order: Ordering) -> $value {
                let read = self.access($said, Access::Update(order));
                let act: fn($value, $value) -> $value = $act;
                let written = self.set(act(read.value, value));
                did(|| match $did {
                    "" => format!("finds {read}, writes {written}"),
                    did => format!("{did} {value:?}: {written}"),
                });
                read.value
            }
        )+
    };
}

macro_rules! integer {
    ($($Atomic:ident, $number:ty;)+) => {
        $(
            atomic!([] $Atomic, $number, |value| value as u64, |key| key as $number);

            impl $Atomic {
                fetch! { $number:
                    fetch_add, "add to" "adds", |before, value| before.wrapping_add(value);
                    fetch_sub, "subtract from" "subtracts", |before, value| before.wrapping_sub(value);
                    fetch_and, "change" "", |before, value| before & value;
                    fetch_nand, "change" "", |before, value| !(before & value);
                    fetch_or, "change" "", |before, value| before | value;
                    fetch_xor, "change" "", |before, value| before ^ value;
                    fetch_max, "raise" "", |before, value| before.max(value);
                    fetch_min, "lower" "", |before, value| before.min(value);
                }
            }

            impl Default for $Atomic {
                fn default() -> Self {
                    Self::new(0)
                }
            }
        )+
    };
}

integer! {
    AtomicI8, i8; AtomicI16, i16; AtomicI32, i32; AtomicI64, i64; AtomicIsize, isize;
    AtomicU8, u8; AtomicU16, u16; AtomicU32, u32; AtomicU64, u64; AtomicUsize, usize;
}

atomic!([] AtomicBool, bool, u64::from, |key| key != 0);

impl AtomicBool {
    fetch! { bool:
        fetch_and, "change" "", |before, value| before & value;
        fetch_nand, "change" "", |before, value| !(before & value);
        fetch_or, "change" "", |before, value| before | value;
        fetch_xor, "change" "", |before, value| before ^ value;
    }

    /// As in `std`.
    #[track_caller]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.fetch_xor(true, order)
    }
}

impl Default for AtomicBool {
    fn default() -> Self {
        Self::new(false)
    }
}

atomic!([T] AtomicPtr, *mut T, |value| value.expose_provenance() as u64, |key| {
    real_std::ptr::with_exposed_provenance_mut(key as usize)
});

impl<T> Default for AtomicPtr<T> {
    fn default() -> Self {
        Self::new(real_std::ptr::null_mut())
    }
}
