//! An `Arc` of one's own whose last owner does not acquire what the others did.
use std::cell::UnsafeCell;
use std::sync::atomic::{
    AtomicU32,
    Ordering::{Relaxed, Release},
};
use std::thread;

struct Shared {
    owners: AtomicU32,
    value: UnsafeCell<u32>,
}

struct Owner(*mut Shared);

// SAFETY: what is behind the pointer may be used by any thread; that is what is to be proved.
unsafe impl Send for Owner {}

impl Owner {
    fn shared(&self) -> &Shared {
        // SAFETY: it lives as long as there is an owner.
        unsafe { &*self.0 }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if self.shared().owners.fetch_sub(1, Release) == 1 {
            // Here `fence(Acquire)` is missing.
            // SAFETY: this was the last owner.
            drop(unsafe { Box::from_raw(self.0) });
        }
    }
}

fn main() {
    let owners = AtomicU32::new(2);
    let value = UnsafeCell::new(0);
    let shared = Box::into_raw(Box::new(Shared { owners, value }));
    let (one, other) = (Owner(shared), Owner(shared));
    assert_eq!(one.shared().owners.load(Relaxed), 2);
    let thread = thread::spawn(move || {
        // SAFETY: the other owner only ends.
        unsafe { *one.shared().value.get() = 1 };
        drop(one);
    });
    drop(other);
    thread.join().unwrap();
}
