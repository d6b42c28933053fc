//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 shared-memory-2.rs && ./shared-memory-2

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::thread;

/// A lock beside some data: many readers, or one writer.
pub struct ReadWriteLock {
    inside: Mutex<Inside>,
    changed: Condvar,
}

struct Inside {
    readers: u32,
    writer: bool,
}

/// Calls a function at the end of its scope, also in a panic.
struct Finally<F: FnMut()>(F);

impl<F: FnMut()> Drop for Finally<F> {
    fn drop(&mut self) {
        self.0();
    }
}

impl ReadWriteLock {
    pub fn new() -> Self {
        Self {
            inside: Mutex::new(Inside {
                readers: 0,
                writer: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Calls `read` while no writer is inside. If it panics, the lock is released too.
    pub fn reading<T>(&self, read: impl FnOnce() -> T) -> T {
        let mut inside = self.inside.lock().unwrap();
        while inside.writer {
            inside = self.changed.wait(inside).unwrap();
        }
        drop(inside);
        self.inside.lock().unwrap().readers += 1;
        let _leaves = Finally(|| {
            self.inside.lock().unwrap().readers -= 1;
            self.changed.notify_all();
        });
        read()
    }

    /// Calls `write` while no other thread is inside. If it panics, the lock is released too.
    pub fn writing<T>(&self, write: impl FnOnce() -> T) -> T {
        let mut inside = self.inside.lock().unwrap();
        while inside.writer || inside.readers > 0 {
            inside = self.changed.wait(inside).unwrap();
        }
        inside.writer = true;
        drop(inside);
        let _leaves = Finally(|| {
            self.inside.lock().unwrap().writer = false;
            self.changed.notify_all();
        });
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
