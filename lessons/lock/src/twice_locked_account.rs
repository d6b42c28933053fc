// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! Wrong on purpose: the lock is released between check and change.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A balance that can go below zero, although each access to it is under its lock.
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
        *self.lock()
    }

    /// Takes `amount` out and returns the new balance, or refuses and returns the balance
    /// that was too small. `at_till` runs between the check and the change.
    pub fn withdraw(&self, amount: u32, at_till: impl FnOnce()) -> Result<i64, i64> {
        let balance = *self.lock(); // Released at the end of this line.
        if balance < i64::from(amount) {
            return Err(balance);
        }
        at_till();
        // The balance may have changed since the check.
        let mut balance = self.lock();
        *balance -= i64::from(amount);
        Ok(*balance)
    }

    /// A balance is whole whenever its lock is free, so poison is no reason to refuse.
    fn lock(&self) -> MutexGuard<'_, i64> {
        self.balance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
