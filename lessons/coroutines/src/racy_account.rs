// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! Wrong on purpose: an `await` between check and change lets other coroutines run there.

use std::cell::Cell;

/// A balance that can go below zero, although only one thread ever touches it.
pub struct RacyAccount {
    balance: Cell<i64>,
}

impl RacyAccount {
    /// An account that holds `balance`.
    pub fn new(balance: u32) -> Self {
        Self {
            balance: Cell::new(balance.into()),
        }
    }

    /// The balance now.
    pub fn balance(&self) -> i64 {
        self.balance.get()
    }

    /// Takes `amount` out and returns the balance after it, or refuses with the balance
    /// that was too small. `at_till` is awaited between the check and the change.
    pub async fn withdraw(&self, amount: u32, at_till: impl AsyncFnOnce()) -> Result<i64, i64> {
        let balance = self.balance.get();
        if balance < i64::from(amount) {
            return Err(balance);
        }
        at_till().await;
        // The balance that was checked may have changed: this subtracts from the current one.
        self.balance.set(self.balance.get() - i64::from(amount));
        Ok(self.balance.get())
    }
}
