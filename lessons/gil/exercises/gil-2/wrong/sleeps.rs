//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 gil-2.rs && ./gil-2

use std::sync::{Condvar, Mutex};
use std::thread;

/// A number that is `wanted`, if there is one. Two threads look for it, each in its half; when one
/// has found it, the other one need not go on.
pub fn find(numbers: &[u32], wanted: impl Fn(u32) -> bool + Sync) -> Option<u32> {
    let (found, changed) = (Mutex::new(None), Condvar::new());
    let (left, right) = numbers.split_at(numbers.len() / 2);
    let look = |half: &[u32]| {
        for &number in half {
            if found.lock().unwrap().is_some() {
                return;
            }
            if wanted(number) {
                *found.lock().unwrap() = Some(number);
                changed.notify_one();
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| look(left));
        scope.spawn(|| look(right));
        let mut found = found.lock().unwrap();
        while found.is_none() {
            found = changed.wait(found).unwrap();
        }
        *found
    })
}

fn main() {
    let numbers: Vec<u32> = (1..1000).collect();
    println!("{:?}", find(&numbers, |number| number * number == 961));
}
