//! Readers wait for one another here. Write a lock that lets them in together, as in before.py.
//!
//! It also runs as it is: rustc --edition 2024 shared-memory-2.rs && ./shared-memory-2

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// A lock beside some data: many readers, or one writer.
pub struct ReadWriteLock {
    alone: Mutex<()>,
}

impl ReadWriteLock {
    pub fn new() -> Self {
        Self {
            alone: Mutex::new(()),
        }
    }

    /// Calls `read` while no writer is inside. If it panics, the lock is released too.
    pub fn reading<T>(&self, read: impl FnOnce() -> T) -> T {
        let _alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        read()
    }

    /// Calls `write` while no other thread is inside. If it panics, the lock is released too.
    pub fn writing<T>(&self, write: impl FnOnce() -> T) -> T {
        let _alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        write()
    }
}

fn main() {
    let (lock, pages) = (ReadWriteLock::new(), AtomicU32::new(0));
    thread::scope(|scope| {
        for reader in 1..=3 {
            let (lock, pages) = (&lock, &pages);
            scope.spawn(move || {
                lock.reading(|| println!("reader {reader} sees {} pages", pages.load(SeqCst)));
            });
        }
        lock.writing(|| pages.fetch_add(1, SeqCst));
    });
}
