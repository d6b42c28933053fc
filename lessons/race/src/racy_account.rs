// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! Wrong on purpose: check and change are two steps, and another thread can run between them.

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// A balance that can go below zero, although each access to it is atomic.
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

    /// Takes `amount` out and returns the new balance, or refuses and returns the balance
    /// that was too small. `at_till` runs between the check and the change.
    pub fn withdraw(&self, amount: u32, at_till: impl FnOnce()) -> Result<i64, i64> {
        let amount = i64::from(amount);
        let balance = self.balance();
        if balance < amount {
            return Err(balance);
        }
        at_till();
        // The balance may have changed since the check.
        Ok(self.balance.fetch_sub(amount, SeqCst) - amount)
    }
}
