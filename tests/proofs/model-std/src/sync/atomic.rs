//! Atomics. Every access is a step, and in one order for all threads, as with `SeqCst`.

use interleave::{Object, Ready, did, step};

pub use real_std::sync::atomic::Ordering;

macro_rules! atomic {
    ($Atomic:ident, $number:ty) => {
        /// As in `std`.
        #[derive(Debug)]
        pub struct $Atomic {
            object: Object,
            value: real_std::sync::atomic::$Atomic,
        }

        impl $Atomic {
            /// As in `std`, but not `const`.
            pub fn new(value: $number) -> Self {
                let object = Object::new(&value);
                let value = real_std::sync::atomic::$Atomic::new(value);
                Self { object, value }
            }

            /// As in `std`.
            pub fn load(&self, _: Ordering) -> $number {
                self.step("read");
                let value = self.get();
                did(|| format!("reads {value}"));
                value
            }

            /// As in `std`.
            pub fn store(&self, value: $number, _: Ordering) {
                self.step("write");
                self.set(value);
                did(|| format!("writes {value}"));
            }

            /// As in `std`.
            ///
            /// # Errors
            ///
            /// The value, if it was not the expected one.
            pub fn compare_exchange(
                &self,
                expected: $number,
                new: $number,
                _: Ordering,
                _: Ordering,
            ) -> Result<$number, $number> {
                self.step("compare and swap");
                let found = self.get();
                if found == expected {
                    self.set(new);
                    did(|| format!("still {found}: writes {new}"));
                    Ok(found)
                } else {
                    did(|| format!("not {expected} but {found}"));
                    Err(found)
                }
            }

            fn step(&self, what: &str) {
                let next = || format!("{what} {}", self.object.name());
                step(next, Ready::Always, &[self.object.id()]);
            }

            fn get(&self) -> $number {
                self.value.load(Ordering::SeqCst)
            }

            fn set(&self, value: $number) {
                self.value.store(value, Ordering::SeqCst);
                self.object.set_value(&value);
            }
        }
    };
}

macro_rules! arithmetic {
    ($Atomic:ident, $number:ty) => {
        impl $Atomic {
            /// As in `std`.
            pub fn fetch_add(&self, more: $number, _: Ordering) -> $number {
                self.step("add to");
                let before = self.get();
                self.set(before.wrapping_add(more));
                did(|| format!("adds {more}: {}", before.wrapping_add(more)));
                before
            }

            /// As in `std`.
            pub fn fetch_sub(&self, less: $number, _: Ordering) -> $number {
                self.step("subtract from");
                let before = self.get();
                self.set(before.wrapping_sub(less));
                did(|| format!("subtracts {less}: {}", before.wrapping_sub(less)));
                before
            }
        }
    };
}

atomic!(AtomicBool, bool);
atomic!(AtomicI64, i64);
atomic!(AtomicU64, u64);
arithmetic!(AtomicI64, i64);
arithmetic!(AtomicU64, u64);
