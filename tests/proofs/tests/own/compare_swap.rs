//! The same with compare and swap, until it succeeds: right.
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

fn add(count: &AtomicU32, number: u32) -> u32 {
    let mut tries = 1;
    let mut seen = count.load(SeqCst);
    while let Err(now) = count.compare_exchange(seen, seen + number, SeqCst, SeqCst) {
        seen = now;
        tries += 1;
    }
    tries
}

fn main() {
    let count = Arc::new(AtomicU32::new(0));
    let other = count.clone();
    let thread = thread::spawn(move || add(&other, 10));
    let tries = add(&count, 1);
    println!("{tries} and {} tries", thread.join().unwrap());
    assert_eq!(count.load(SeqCst), 11);
}
