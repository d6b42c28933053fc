//! Two tills at one account, in every order of their steps: `just prove` in the
//! tutorial's folder, with the path of this file.

#[path = "../src/account.rs"]
mod account;

use account::Account;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

fn main() {
    let (account, till) = (&Account::new(100), &AtomicBool::new(false));
    thread::scope(|scope| {
        for amount in [80, 70] {
            scope.spawn(move || {
                account.withdraw_holding_lock(amount, || {
                    assert!(!till.swap(true, SeqCst), "two are at the till");
                    till.store(false, SeqCst);
                })
            });
        }
    });
    let balance = account.balance().unwrap();
    assert!(balance >= 0, "more is paid than there was");
    println!("the account ends at {balance}");
}
