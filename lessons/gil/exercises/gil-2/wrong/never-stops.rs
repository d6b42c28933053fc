//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 gil-2.rs && ./gil-2

use std::thread;

/// A number that is `wanted`, if there is one. Two threads look for it, each in its half; when one
/// has found it, the other one need not go on.
pub fn find(numbers: &[u32], wanted: impl Fn(u32) -> bool + Sync) -> Option<u32> {
    let (left, right) = numbers.split_at(numbers.len() / 2);
    let look = |half: &[u32]| half.iter().copied().find(|&number| wanted(number));
    thread::scope(|scope| {
        let left = scope.spawn(|| look(left));
        let right = scope.spawn(|| look(right));
        left.join().unwrap().or(right.join().unwrap())
    })
}

fn main() {
    let numbers: Vec<u32> = (1..1000).collect();
    println!("{:?}", find(&numbers, |number| number * number == 961));
}
