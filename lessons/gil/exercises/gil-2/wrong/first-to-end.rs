//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 gil-2.rs && ./gil-2

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;

/// A number that is `wanted`, if there is one. Two threads look for it, each in its half; when one
/// has found it, the other one need not go on.
pub fn find(numbers: &[u32], wanted: impl Fn(u32) -> bool + Sync) -> Option<u32> {
    let (left, right) = numbers.split_at(numbers.len() / 2);
    let (sender, answers) = mpsc::channel();
    let stop = AtomicBool::new(false);
    let (wanted, stop) = (&wanted, &stop);
    thread::scope(|scope| {
        for half in [left, right] {
            let sender = sender.clone();
            scope.spawn(move || {
                let go_on = |_: &&u32| !stop.load(SeqCst);
                let mut half = half.iter().take_while(go_on);
                let _ = sender.send(half.find(|&&number| wanted(number)).copied());
            });
        }
        let answer = answers.recv().unwrap();
        stop.store(true, SeqCst);
        answer
    })
}

fn main() {
    let numbers: Vec<u32> = (1..1000).collect();
    println!("{:?}", find(&numbers, |number| number * number == 961));
}
