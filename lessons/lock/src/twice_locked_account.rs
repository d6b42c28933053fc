// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! Wrong on purpose: the lock is let go of between check and change.

use std::sync::{Mutex, PoisonError};

/// A balance that can go below zero, although every single access to it is under its lock.
pub struct TwiceLockedAccount {
    balance: Mutex<i64>,
}

impl TwiceLockedAccount {
    /// An account that holds `balance`.
    pub fn new(balance: u32) -> Self {
        Self {
            balance: Mutex::new(balance.into()),
        }
    }

    /// The balance now.
    pub fn balance(&self) -> i64 {
        *self.balance.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes `amount` out and returns the balance after it, or refuses with the balance
    /// that was too small. `at_till` happens between the check and the change.
    pub fn withdraw(&self, amount: u32, at_till: impl FnOnce()) -> Result<i64, i64> {
        let balance = self.balance();
        if balance < i64::from(amount) {
            return Err(balance);
        }
        at_till();
        // Locked again, but what was checked may be long gone.
        let mut balance = self.balance.lock().unwrap_or_else(PoisonError::into_inner);
        *balance -= i64::from(amount);
        Ok(*balance)
    }
}
