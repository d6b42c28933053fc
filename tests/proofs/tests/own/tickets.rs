//! Three want one of two tickets; none is sold twice, and none below zero: right.
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

fn buy(left: &AtomicU32) -> Option<u32> {
    left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).ok()
}

fn main() {
    let left = Arc::new(AtomicU32::new(2));
    let threads = [1, 2].map(|_| {
        let left = left.clone();
        thread::spawn(move || buy(&left))
    });
    let mine = buy(&left);
    println!("{mine:?} {:?}", threads.map(|thread| thread.join().unwrap()));
}
