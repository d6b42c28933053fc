//! Loops that only look, and have an end: right.
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

fn main() {
    let number = AtomicU32::new(1);
    let sum: u32 = (0..10).map(|_| number.load(SeqCst)).sum();
    for _ in 0..10 {
        thread::yield_now();
    }
    println!("{sum}");
}
