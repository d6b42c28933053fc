//! The broken counter, added to by two threads, in every order of their steps: `just prove` in
//! the tutorial's folder, with the path of this file.

#[path = "src/racy_counter.rs"]
mod racy_counter;

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

fn main() {
    let counter = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| racy_counter::add_one(&counter, || ()));
        }
    });
    assert_eq!(counter.load(SeqCst), 2, "an update is lost");
}
