//! All transfers lock the account with the lower number first, so no circle can form.
//!
//! It also runs as it is: rustc --edition 2024 deadlock-1.rs && ./deadlock-1

use std::sync::Mutex;
use std::thread;

/// Accounts that are known by their numbers: 0, 1, 2 and so on.
pub struct Bank {
    accounts: Vec<Mutex<u32>>,
}

impl Bank {
    pub fn new(balances: &[u32]) -> Self {
        Self {
            accounts: balances.iter().copied().map(Mutex::new).collect(),
        }
    }

    /// The money of all accounts, at one moment: it holds all locks.
    pub fn total(&self) -> u32 {
        let accounts = self.accounts.iter();
        let balances: Vec<_> = accounts.map(|account| account.lock().unwrap()).collect();
        balances.iter().map(|balance| **balance).sum()
    }

    /// Moves `amount`, and calls `note` before it releases the accounts. Returns whether `from`
    /// has so much; if not, nothing happens. The two accounts may be one and the same.
    pub fn transfer(&self, from: usize, to: usize, amount: u32, note: impl FnOnce()) -> bool {
        if from == to {
            let balance = self.accounts[from].lock().unwrap();
            let enough = *balance >= amount;
            if enough {
                note();
            }
            return enough;
        }
        let lower = self.accounts[from.min(to)].lock().unwrap();
        let higher = self.accounts[from.max(to)].lock().unwrap();
        let (mut from, mut to) = match from < to {
            true => (lower, higher),
            false => (higher, lower),
        };
        if *from < amount {
            return false;
        }
        *from -= amount;
        *to += amount;
        note();
        true
    }
}

fn main() {
    let bank = Bank::new(&[100, 100]);
    thread::scope(|scope| {
        for (from, to) in [(0, 1), (1, 0)] {
            let bank = &bank;
            scope.spawn(move || bank.transfer(from, to, 30, || println!("from {from} to {to}")));
        }
    });
    println!("{} in all", bank.total());
}
