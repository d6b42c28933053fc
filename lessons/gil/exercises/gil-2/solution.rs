//! The end of the scope waits for both threads, whether they find the number or not.
//!
//! It also runs as it is: rustc --edition 2024 gil-2.rs && ./gil-2

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

/// A number that is `wanted`, if there is one. Two threads look for it, each in its half; when one
/// has found it, the other one need not go on.
pub fn find(numbers: &[u32], wanted: impl Fn(u32) -> bool + Sync) -> Option<u32> {
    let (found, stop) = (Mutex::new(None), AtomicBool::new(false));
    let (left, right) = numbers.split_at(numbers.len() / 2);
    let look = |half: &[u32]| {
        for &number in half {
            if stop.load(SeqCst) {
                return;
            }
            if wanted(number) {
                *found.lock().unwrap() = Some(number);
                stop.store(true, SeqCst);
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| look(left));
        scope.spawn(|| look(right));
    });
    found.into_inner().unwrap()
}

fn main() {
    let numbers: Vec<u32> = (1..1000).collect();
    println!("{:?}", find(&numbers, |number| number * number == 961));
}
