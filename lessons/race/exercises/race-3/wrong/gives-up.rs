//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 race-3.rs && ./race-3

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

/// Takes `amount` out, and returns what is left; `None` if the account has not so much.
pub fn withdraw(account: &AtomicU32, amount: u32) -> Option<u32> {
    let balance = account.load(SeqCst);
    let left = balance.checked_sub(amount)?;
    let paid = account.compare_exchange(balance, left, SeqCst, SeqCst);
    paid.is_ok().then_some(left)
}

fn main() {
    let account = AtomicU32::new(100);
    thread::scope(|scope| {
        for amount in [70, 80] {
            let account = &account;
            scope.spawn(move || println!("{amount}: {:?}", withdraw(account, amount)));
        }
    });
    println!("{} left", account.load(SeqCst));
}
