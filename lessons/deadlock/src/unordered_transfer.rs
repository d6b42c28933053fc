// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; parking_lot 0.13.
//! Wrong on purpose: no common order of the locks, so two opposite transfers can deadlock.

use parking_lot::Mutex;

/// A balance, in whole units of one currency, inside its lock.
pub type Account = Mutex<i64>;

/// Moves `amount` from one account to the other, or refuses and returns the balance that
/// prevents it: too small to give the amount, or too large to take it. `between_locks`
/// runs when the first lock is held and the second is not.
pub fn unordered_transfer(
    from: &Account,
    to: &Account,
    amount: u32,
    between_locks: impl FnOnce(),
) -> Result<(), i64> {
    let amount = i64::from(amount);
    let mut from = from.lock();
    between_locks();
    // A transfer the other way holds this lock and waits for ours.
    let mut to = to.lock();
    if *from < amount {
        return Err(*from);
    }
    let after = to.checked_add(amount).ok_or(*to)?;
    *from -= amount;
    *to = after;
    Ok(())
}
