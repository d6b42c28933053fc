// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; parking_lot 0.13.
//! Transfers between any two accounts, each under its own lock, without deadlock.

use std::cmp::Ordering;
use std::ptr;

use parking_lot::Mutex;

/// A balance, in whole units of one currency, inside its lock.
pub type Account = Mutex<i64>;

/// Moves `amount` from one account to the other, or refuses with the balance that is in
/// the way: too small to give it, or too large to take it. Then nothing has moved. No
/// thread that locks both accounts sees the money in neither or in both.
///
/// It never deadlocks, whichever accounts other threads move money between, as long as
/// this function is the only one to hold two of them: every transfer locks the account
/// at the lower address first, so the threads that wait cannot form a circle. While a
/// transfer borrows its accounts they cannot move to another address. The same account
/// twice is locked once, and left as it is. It waits for each lock as long as another
/// thread holds it, without a limit.
///
/// `between_locks` is called when the first lock is held and the second is not. If it locks
/// one of the accounts itself, it may wait for its own thread, and that never ends. For the
/// same account twice it is not called.
pub fn transfer(
    from: &Account,
    to: &Account,
    amount: u32,
    between_locks: impl FnOnce(),
) -> Result<(), i64> {
    let amount = i64::from(amount);
    let (mut from, mut to) = match ptr::from_ref(from).cmp(&ptr::from_ref(to)) {
        Ordering::Less => {
            let from = from.lock();
            between_locks();
            (from, to.lock())
        }
        Ordering::Greater => {
            let to = to.lock();
            between_locks();
            (from.lock(), to)
        }
        Ordering::Equal => {
            let balance = *from.lock();
            return if balance < amount {
                Err(balance)
            } else {
                Ok(())
            };
        }
    };
    if *from < amount {
        return Err(*from);
    }
    // What can fail comes before anything moves.
    let after = to.checked_add(amount).ok_or(*to)?;
    *from -= amount;
    *to = after;
    Ok(())
}
