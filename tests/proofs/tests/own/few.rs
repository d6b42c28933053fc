//! Some increments get lost: one or two of them, at one place.
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

static NUMBER: AtomicU32 = AtomicU32::new(0);

fn add() {
    let number = NUMBER.load(SeqCst);
    NUMBER.store(number + 1, SeqCst);
}

fn main() {
    for thread in [0; 3].map(|_| thread::spawn(add)) {
        thread.join().unwrap();
    }
    let number = NUMBER.load(SeqCst);
    assert!(number == 3, "only {number}");
}
