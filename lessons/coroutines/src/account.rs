// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! An account for many coroutines of one thread, which needs no lock.

use std::cell::Cell;

/// A balance that never goes below zero, in any order of the coroutines.
///
/// All amounts are in whole units of one currency. The `Cell` keeps the account on one
/// thread: the compiler refuses to share it with another.
pub struct Account {
    balance: Cell<i64>,
}

impl Account {
    /// An account that holds `balance`.
    pub fn new(balance: u32) -> Self {
        Self {
            balance: Cell::new(balance.into()),
        }
    }

    /// The balance now. After your next `await` it may have changed.
    pub fn balance(&self) -> i64 {
        self.balance.get()
    }

    /// Takes `amount` out and returns the balance after it, or refuses with the balance
    /// that was too small. Then it awaits `at_till`, with the amount already taken out. It does
    /// not call `at_till` if the withdrawal is refused.
    ///
    /// There is no `await` between check and change, so no other coroutine can run between
    /// them. If this future is dropped during `at_till`, the amount stays taken out.
    pub async fn withdraw(&self, amount: u32, at_till: impl AsyncFnOnce()) -> Result<i64, i64> {
        let balance = self.balance.get();
        let after = balance - i64::from(amount);
        if after < 0 {
            return Err(balance);
        }
        self.balance.set(after);
        at_till().await;
        Ok(after)
    }
}
