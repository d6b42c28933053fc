//! A till waits while another prints its receipt, which is slow. Make `withdraw` faster.
//!
//! It also runs as it is: rustc --edition 2024 lock-2.rs && ./lock-2

use std::sync::Mutex;
use std::thread;

/// An account that several tills withdraw from.
pub struct Account {
    balance: Mutex<u32>,
}

impl Account {
    pub fn new(balance: u32) -> Self {
        Self {
            balance: Mutex::new(balance),
        }
    }

    pub fn balance(&self) -> u32 {
        *self.balance.lock().unwrap()
    }

    /// Takes `amount` out, prints a receipt that says what is left, and returns what is left.
    /// `None` if the account has not so much; then there is no receipt.
    pub fn withdraw(&self, amount: u32, print_receipt: impl FnOnce(u32)) -> Option<u32> {
        let mut balance = self.balance.lock().unwrap();
        let left = balance.checked_sub(amount)?;
        print_receipt(left);
        *balance = left;
        Some(left)
    }
}

fn main() {
    let account = Account::new(100);
    thread::scope(|scope| {
        for amount in [30, 40] {
            let account = &account;
            scope.spawn(move || {
                account.withdraw(amount, |left| println!("paid {amount}, {left} left"));
            });
        }
    });
    println!("{} left", account.balance());
}
