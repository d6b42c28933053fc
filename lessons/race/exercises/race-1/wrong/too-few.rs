//! What can the tills print? Add to OUTPUTS what is missing.
//!
//! Run it as often as you like: rustc --edition 2024 race-1.rs && ./race-1

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::thread;

/// Each output that the program can print, and no other.
pub const OUTPUTS: &[&str] = &["ends at 60", "ends at 70"];

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
