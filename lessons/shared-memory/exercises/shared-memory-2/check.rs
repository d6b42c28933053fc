//! The judge of shared-memory-2.

mod yours;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use yours::ReadWriteLock;

/// Two readers.
pub fn two_readers() {
    let (lock, inside) = (ReadWriteLock::new(), AtomicU32::new(0));
    let read = || {
        if inside.fetch_add(1, SeqCst) == 1 {
            println!("two readers inside");
        }
        inside.fetch_sub(1, SeqCst);
    };
    thread::scope(|scope| {
        scope.spawn(|| lock.reading(read));
        lock.reading(read);
    });
}

/// A reader and a writer.
pub fn reader_and_writer() {
    let (lock, inside) = (ReadWriteLock::new(), AtomicU32::new(0));
    let alone = |words| {
        assert_eq!(inside.fetch_add(1, SeqCst), 0, "{words}");
        inside.fetch_sub(1, SeqCst);
    };
    let words = "a reader and a writer are inside together";
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(lock.reading(|| (alone(words), 7).1), 7));
        assert_eq!(lock.writing(|| (alone(words), 8).1), 8);
    });
}

/// Two writers.
pub fn two_writers() {
    let (lock, inside) = (ReadWriteLock::new(), AtomicU32::new(0));
    let alone = || {
        assert_eq!(
            inside.fetch_add(1, SeqCst),
            0,
            "two writers are inside together"
        );
        inside.fetch_sub(1, SeqCst);
    };
    thread::scope(|scope| {
        scope.spawn(|| lock.writing(alone));
        lock.writing(alone);
    });
}

/// Two readers and a writer: each comes in, and leaves again.
pub fn all_come_in() {
    let (lock, pages) = (ReadWriteLock::new(), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 1..=2 {
            scope.spawn(|| lock.reading(|| pages.load(SeqCst)));
        }
        lock.writing(|| pages.store(1, SeqCst));
    });
}

/// A reader and two writers.
pub fn all_write() {
    let lock = ReadWriteLock::new();
    thread::scope(|scope| {
        for _ in 1..=2 {
            scope.spawn(|| lock.writing(|| ()));
        }
        lock.reading(|| ());
    });
}

/// A reader and a writer panic, and leave the lock as it was.
pub fn a_panic() {
    let lock = ReadWriteLock::new();
    let reader = catch_unwind(AssertUnwindSafe(|| {
        lock.reading(|| panic!("a panic of a reader, which must not be swallowed"))
    }));
    let writer = catch_unwind(AssertUnwindSafe(|| {
        lock.writing(|| panic!("a panic of a writer, which must not be swallowed"))
    }));
    let both = reader.is_err() && writer.is_err();
    assert!(both, "a panic inside does not come out of the lock");
    lock.writing(|| ());
    lock.reading(|| ());
}
