//! The lock works, but each of its accesses is SeqCst. Choose the weakest orderings that are right.
//!
//! It also runs as it is: rustc --edition 2024 lock-4.rs && ./lock-4

use std::sync::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Relaxed, Release},
};
use std::thread;

/// A lock for two or three threads that hold it for a moment: the others spin.
#[derive(Default)]
pub struct SpinLock {
    held: AtomicBool,
}

impl SpinLock {
    /// Waits until the lock is free, and acquires it.
    pub fn lock(&self) {
        while self
            .held
            .compare_exchange(false, true, Relaxed, Relaxed)
            .is_err()
        {
            thread::yield_now();
        }
    }

    /// Releases the lock.
    pub fn unlock(&self) {
        self.held.store(false, Release);
    }
}

fn main() {
    // Under the lock one thread at a time reads and writes it: Relaxed is enough here.
    let (lock, count) = (SpinLock::default(), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                lock.lock();
                count.store(count.load(Relaxed) + 1, Relaxed);
                lock.unlock();
            });
        }
    });
    println!("{count:?}");
}
