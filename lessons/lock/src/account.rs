// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! An account that many threads withdraw from at once, right by a lock.

use std::sync::{Mutex, MutexGuard};

/// A balance that never goes below zero, whatever the threads do.
///
/// All amounts are in whole units of one currency.
#[derive(Debug)]
pub struct Account {
    /// The balance is inside its lock: there is no way to it that forgets to lock.
    balance: Mutex<i64>,
}

/// Why a withdrawal was refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The balance that was too small.
    TooSmall(i64),
    /// A thread panicked while it held the lock: whatever it was changing may be half done.
    Poisoned,
}

impl Account {
    /// An account that holds `balance`.
    pub fn new(balance: u32) -> Self {
        Self {
            balance: Mutex::new(balance.into()),
        }
    }

    /// The balance now, or [`Refusal::Poisoned`].
    pub fn balance(&self) -> Result<i64, Refusal> {
        Ok(*self.lock()?)
    }

    /// Takes `amount` out and returns the balance after it. Check, `at_till` and change
    /// all happen under the lock: right, but everybody else waits for this till.
    ///
    /// A panic in `at_till` poisons the account for good. An `at_till` that uses this account
    /// waits for a lock that its own thread holds, and so without end (or panics).
    pub fn withdraw_holding_lock(
        &self,
        amount: u32,
        at_till: impl FnOnce(),
    ) -> Result<i64, Refusal> {
        let mut balance = self.lock()?;
        check(*balance, amount)?;
        at_till();
        *balance -= i64::from(amount);
        Ok(*balance)
    }

    /// Takes `amount` out and returns the balance after it. Only check and change happen
    /// under the lock; `at_till` comes after it, when the amount is already reserved:
    /// just as right, and nobody waits for this till.
    ///
    /// `at_till` may use this account. If it panics, the amount stays taken out and the
    /// account stays usable.
    pub fn withdraw(&self, amount: u32, at_till: impl FnOnce()) -> Result<i64, Refusal> {
        let mut balance = self.lock()?;
        check(*balance, amount)?;
        *balance -= i64::from(amount);
        let after = *balance;
        drop(balance);
        at_till();
        Ok(after)
    }

    fn lock(&self) -> Result<MutexGuard<'_, i64>, Refusal> {
        self.balance.lock().map_err(|_| Refusal::Poisoned)
    }
}

fn check(balance: i64, amount: u32) -> Result<(), Refusal> {
    if balance < i64::from(amount) {
        return Err(Refusal::TooSmall(balance));
    }
    Ok(())
}
