//! A schedule in which the program ends at 70.
//!
//! It also runs as it is: rustc --edition 2024 race-2.rs && ./race-2

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::thread;

/// The threads that take the steps, one after the other: `main` is 0.
pub const SCHEDULE: &str = "1221";

/// Takes this much out: there is no lock.
fn withdraw(balance: &AtomicI64, amount: i64) {
    let before = balance.load(SeqCst);
    balance.store(before - amount, SeqCst);
}

pub fn main() {
    let balance = AtomicI64::new(100);
    thread::scope(|scope| {
        scope.spawn(|| withdraw(&balance, 30));
        scope.spawn(|| withdraw(&balance, 10));
    });
    println!("ends at {}", balance.load(SeqCst));
}
