// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! An account from which many threads withdraw at once: correct, without a lock.

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// A balance that never goes below zero, in whatever order the threads run.
///
/// All amounts are in whole units of one currency.
#[derive(Debug)]
pub struct Account {
    balance: AtomicI64,
}

impl Account {
    /// An account that holds `balance`.
    pub fn new(balance: u32) -> Self {
        Self {
            balance: AtomicI64::new(balance.into()),
        }
    }

    /// The balance now. Another thread may have changed it before you look at the answer.
    pub fn balance(&self) -> i64 {
        self.balance.load(SeqCst)
    }

    /// Takes `amount` out and returns the new balance, or refuses and returns the balance
    /// that was too small.
    ///
    /// Check and change become one step by *compare and swap*: the new balance is stored only if
    /// the balance is still the one that was checked; if not, the loop checks again. (`SeqCst` is
    /// the simplest to reason about. `Relaxed` would do: nothing else is handed over.)
    ///
    /// `at_till` runs once, after the first check and before the change; if the first
    /// check fails, it does not run. **A withdrawal can be refused after `at_till` has
    /// run**, because another thread was faster. So never pay out in `at_till`: pay when
    /// the result is `Ok`. If `at_till` panics, nothing has changed.
    ///
    /// Without `at_till`, `AtomicI64::try_update` of `std` (Rust 1.95) does the same, and
    /// returns the balance before.
    pub fn withdraw(&self, amount: u32, at_till: impl FnOnce()) -> Result<i64, i64> {
        let amount = i64::from(amount);
        let mut balance = self.balance();
        if balance < amount {
            return Err(balance);
        }
        at_till();
        while balance >= amount {
            let after = balance - amount;
            match self
                .balance
                .compare_exchange(balance, after, SeqCst, SeqCst)
            {
                Ok(_) => return Ok(after),
                Err(changed) => balance = changed,
            }
        }
        Err(balance)
    }
}
