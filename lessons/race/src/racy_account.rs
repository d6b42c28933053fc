// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! Wrong on purpose: the check and the change are two steps, and another thread fits between.

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// A balance that can go below zero, although every single access to it is atomic.
pub struct RacyAccount {
    balance: AtomicI64,
}

impl RacyAccount {
    /// An account that holds `balance`.
    pub fn new(balance: u32) -> Self {
        Self {
            balance: AtomicI64::new(balance.into()),
        }
    }

    /// The balance now.
    pub fn balance(&self) -> i64 {
        self.balance.load(SeqCst)
    }

    /// Takes `amount` out and returns the balance after it, or refuses with the balance
    /// that was too small. `at_till` happens between the check and the change.
    pub fn withdraw(&self, amount: u32, at_till: impl FnOnce()) -> Result<i64, i64> {
        let amount = i64::from(amount);
        let balance = self.balance();
        if balance < amount {
            return Err(balance);
        }
        at_till();
        // What was checked may be long gone: this takes from whatever is there now.
        Ok(self.balance.fetch_sub(amount, SeqCst) - amount)
    }
}
