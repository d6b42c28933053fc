//! The thread that comes first does it, and the other waits until it is done: right.
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

fn main() {
    let (once, made) = (Once::new(), AtomicU32::new(0));
    thread::scope(|scope| {
        for number in 1..=2 {
            let (once, made) = (&once, &made);
            scope.spawn(move || {
                once.call_once(|| made.store(number, SeqCst));
                assert_ne!(made.load(SeqCst), 0);
            });
        }
    });
    println!("made by {}", made.load(SeqCst));
}
