// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! An account from which many threads withdraw at once: correct, by a lock.

use std::sync::{Mutex, MutexGuard};

/// A balance that never goes below zero, in whatever order the threads run.
///
/// All amounts are in whole units of one currency.
#[derive(Debug)]
pub struct Account {
    /// The lock guards the balance and contains it: you cannot reach the balance unlocked.
    balance: Mutex<i64>,
}

/// Why a withdrawal was refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The balance that was too small.
    TooSmall(i64),
    /// A thread panicked while it held the lock: its change may be half done.
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

    /// Takes `amount` out and returns the new balance. Check, `at_till` and change all run
    /// under the lock. This is correct, but all other threads wait for this till.
    ///
    /// If `at_till` panics, the account stays poisoned. `at_till` must not use this account:
    /// its own thread holds the lock, so it would block without end (or panic).
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

    /// Takes `amount` out and returns the new balance. Only check and change run under the
    /// lock: the amount is reserved. `at_till` runs after the lock is released, so no
    /// thread waits for this till.
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
