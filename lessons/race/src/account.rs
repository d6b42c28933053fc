// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! An account that many threads withdraw from at once, right without a lock.

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// A balance that never goes below zero, whatever the threads do.
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

    /// Takes `amount` out and returns the balance after it, or refuses with the balance
    /// that was too small. `at_till` happens between the check and the change; it is
    /// not called if the check fails.
    ///
    /// Check and change become one step by *compare and swap*: the new balance is
    /// stored only if the balance is still the one that was checked. If another thread
    /// was faster, the check is made again on what it left. The loop at the end is what
    /// `AtomicI64::try_update` does.
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
