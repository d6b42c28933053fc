//! Atomics. Every access is a step, and in one order for all threads, as with `SeqCst`.

use interleave::{Chosen, Object, Ready, Slot, did, step};
use real_std::fmt;

pub use real_std::sync::atomic::Ordering;

/// `std::sync::atomic::fence`. No step: all accesses are in one order anyway.
pub fn fence(_: Ordering) {}

/// `std::sync::atomic::compiler_fence`.
pub fn compiler_fence(_: Ordering) {}

macro_rules! atomic {
    ([$($generic:ident)?] $Atomic:ident, $value:ty) => {
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
            pub fn load(&self, _: Ordering) -> $value {
                let id = self.object.id(&self.get()).looked_at();
                step(|| format!("read {}", self.object.name()), Ready::Always, &[id]);
                let value = self.get();
                did(|| format!("reads {value:?}"));
                value
            }

            /// As in `std`.
            #[track_caller]
            pub fn store(&self, value: $value, _: Ordering) {
                self.step("write");
                self.set(value);
                did(|| format!("writes {value:?}"));
            }

            /// As in `std`.
            #[track_caller]
            pub fn swap(&self, value: $value, _: Ordering) -> $value {
                self.step("swap");
                let before = self.get();
                self.set(value);
                did(|| format!("finds {before:?}, writes {value:?}"));
                before
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
                _: Ordering,
                _: Ordering,
            ) -> Result<$value, $value> {
                self.step("compare and swap");
                self.exchange(expected, new)
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
                _: Ordering,
                _: Ordering,
            ) -> Result<$value, $value> {
                let id = self.object.id(&self.get());
                let next = || format!("compare and swap {}", self.object.name());
                match step(next, Ready::AlwaysOr(Chosen::Spurious), &[id]) {
                    Chosen::Spurious => {
                        did(|| "fails for no reason".into());
                        Err(self.get())
                    }
                    _ => self.exchange(expected, new),
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
                _: Ordering,
                _: Ordering,
                mut update: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                let mut before = self.load(Ordering::SeqCst);
                while let Some(new) = update(before) {
                    self.step("compare and swap");
                    match self.exchange(before, new) {
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

            fn exchange(&self, expected: $value, new: $value) -> Result<$value, $value> {
                let found = self.get();
                if found == expected {
                    self.set(new);
                    did(|| format!("still {found:?}: writes {new:?}"));
                    Ok(found)
                } else {
                    did(|| format!("not {expected:?} but {found:?}"));
                    Err(found)
                }
            }

            #[track_caller]
            fn step(&self, what: &str) {
                let id = self.object.id(&self.get());
                let next = || format!("{what} {}", self.object.name());
                step(next, Ready::Always, &[id]);
            }

            fn get(&self) -> $value {
                self.value.get().load(Ordering::SeqCst)
            }

            fn set(&self, value: $value) {
                if self.value.get().swap(value, Ordering::SeqCst) != value {
                    self.object.set_value(&value);
                }
            }
        }

        impl<$($generic)?> fmt::Debug for $Atomic<$($generic)?> {
            #[track_caller]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.load(Ordering::SeqCst).fmt(f)
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
            pub fn $name(&self, value: $value, _: Ordering) -> $value {
                self.step($said);
                let before = self.get();
                let act: fn($value, $value) -> $value = $act;
                let after = act(before, value);
                self.set(after);
                did(|| match $did {
                    "" => format!("finds {before:?}, writes {after:?}"),
                    did => format!("{did} {value:?}: {after:?}"),
                });
                before
            }
        )+
    };
}

macro_rules! integer {
    ($($Atomic:ident, $number:ty;)+) => {
        $(
            atomic!([] $Atomic, $number);

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

atomic!([] AtomicBool, bool);

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

atomic!([T] AtomicPtr, *mut T);

impl<T> Default for AtomicPtr<T> {
    fn default() -> Self {
        Self::new(real_std::ptr::null_mut())
    }
}
