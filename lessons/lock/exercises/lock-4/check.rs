//! The judge of lock-4: a count that is read and written under the lock.

mod yours;

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use yours::SpinLock;

/// Each of two threads adds one: the second one has to see what the first one did.
pub fn two_add() {
    add(2);
    println!("both have added");
}

/// With three, two of them may wait at once.
pub fn three_add() {
    add(3);
}

fn add(threads: u32) {
    let (lock, count) = (SpinLock::default(), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                lock.lock();
                count.store(count.load(Relaxed) + 1, Relaxed);
                lock.unlock();
            });
        }
    });
    assert_eq!(
        count.into_inner(),
        threads,
        "one added to what the other had not yet seen"
    );
}
