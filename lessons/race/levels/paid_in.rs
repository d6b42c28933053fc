//! Two threads pay into one account, and no lock keeps them apart: `just prove` in the
//! tutorial's folder, with the path of this file.

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::thread;

fn pay_in(balance: &AtomicI64, amount: i64) {
    let before = balance.load(SeqCst);
    balance.store(before + amount, SeqCst);
}

fn main() {
    let balance = AtomicI64::new(100);
    thread::scope(|scope| {
        scope.spawn(|| pay_in(&balance, 30));
        scope.spawn(|| pay_in(&balance, 10));
    });
    println!("the account ends at {}", balance.load(SeqCst));
}
