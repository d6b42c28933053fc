//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 lock-1.rs && ./lock-1

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

    /// Takes `amount` out, and returns what is left; `None` if the account has not so much.
    pub fn withdraw(&self, amount: u32) -> Option<u32> {
        // Only small sums are paid.
        let mut balance = self.balance.lock().unwrap();
        if *balance < amount || amount > 40 {
            return None;
        }
        *balance -= amount;
        Some(*balance)
    }
}

fn main() {
    let account = Account::new(100);
    thread::scope(|scope| {
        for amount in [70, 80] {
            let account = &account;
            scope.spawn(move || println!("{amount}: {:?}", account.withdraw(amount)));
        }
    });
    println!("{} left", account.balance());
}
