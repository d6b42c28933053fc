// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; parking_lot 0.13.
//! Transfers between any two accounts, each under its own lock, without deadlock.

use std::cmp::Ordering::{Equal, Greater, Less};
use std::ptr;

use parking_lot::{Mutex, MutexGuard};

/// A balance, in whole units of one currency, inside its lock.
pub type Account = Mutex<i64>;

/// Moves `amount` from one account to the other, or refuses and returns the balance that
/// prevents it: too small to give the amount, or too large to take it. If it refuses,
/// nothing has moved. A thread that holds both locks always sees the money in exactly one
/// of the two accounts.
///
/// Transfers never deadlock, whatever accounts they are between, as long as only this
/// function holds the locks of two accounts at once. Every transfer locks the account at
/// the lower address first, so the waiting threads cannot form a circle. (While a transfer
/// borrows its accounts, they cannot move to another address.) If both are the same
/// account, it is locked once and does not change.
///
/// It waits for each lock until the lock is free, without a limit. `between_locks` runs
/// when the first lock is held and the second is not; if both are the same account, it
/// does not run. It must not lock either account: its own thread may hold that lock.
pub fn transfer(
    from: &Account,
    to: &Account,
    amount: u32,
    between_locks: impl FnOnce(),
) -> Result<(), i64> {
    let amount = i64::from(amount);
    let order = ptr::from_ref(from).cmp(&ptr::from_ref(to));
    let (mut from, mut to) = match order {
        Less => lock_both(from, to, between_locks),
        Greater => {
            let (to, from) = lock_both(to, from, between_locks);
            (from, to)
        }
        Equal => return covers(*from.lock(), amount),
    };
    covers(*from, amount)?;
    // All that can fail comes before the first change.
    let after = to.checked_add(amount).ok_or(*to)?;
    *from -= amount;
    *to = after;
    Ok(())
}

fn lock_both<'a>(
    first: &'a Account,
    second: &'a Account,
    between_locks: impl FnOnce(),
) -> (MutexGuard<'a, i64>, MutexGuard<'a, i64>) {
    let first = first.lock();
    between_locks();
    (first, second.lock())
}

fn covers(balance: i64, amount: i64) -> Result<(), i64> {
    if balance < amount {
        return Err(balance);
    }
    Ok(())
}
