// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; parking_lot 0.13.
//! Transfers that give up instead of waiting for ever; the caller tries again.

use std::time::Duration;

use parking_lot::Mutex;

/// A balance, in whole units of one currency, inside its lock.
pub type Account = Mutex<i64>;

/// Why nothing was moved.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The balance that was too small to give the amount.
    TooSmall(i64),
    /// The balance that was too large to take it.
    TooLarge(i64),
    /// Another thread holds a lock that this one needs; all locks were let go of.
    Busy,
}

/// Moves `amount`, waiting for each lock no longer than `limit`. No thread waits for
/// ever, but two that try again with the *same* limit may give up at the same moment
/// again and again (*livelock*). The same account twice is always [`Refusal::Busy`].
///
/// `between_locks` is called when the first lock is held and the second is not. If it locks
/// the first account itself, it waits for its own thread, and that never ends.
pub fn transfer_within(
    limit: Duration,
    from: &Account,
    to: &Account,
    amount: u32,
    between_locks: impl FnOnce(),
) -> Result<(), Refusal> {
    let mut from = from.try_lock_for(limit).ok_or(Refusal::Busy)?;
    between_locks();
    let mut to = to.try_lock_for(limit).ok_or(Refusal::Busy)?;
    move_amount(&mut from, &mut to, amount)
}

/// Moves `amount` if the second lock is free at the moment the first one is held: no
/// thread ever waits while it holds a lock. For its first lock it waits without a limit.
/// Two that try again need unequal pauses, for the same reason as above. The same account
/// twice is always [`Refusal::Busy`].
///
/// `between_locks` is called as in [`transfer_within`].
pub fn transfer_both_or_none(
    from: &Account,
    to: &Account,
    amount: u32,
    between_locks: impl FnOnce(),
) -> Result<(), Refusal> {
    let mut from = from.lock();
    between_locks();
    let mut to = to.try_lock().ok_or(Refusal::Busy)?;
    move_amount(&mut from, &mut to, amount)
}

fn move_amount(from: &mut i64, to: &mut i64, amount: u32) -> Result<(), Refusal> {
    let amount = i64::from(amount);
    if *from < amount {
        return Err(Refusal::TooSmall(*from));
    }
    // What can fail comes before anything moves.
    let after = to.checked_add(amount).ok_or(Refusal::TooLarge(*to))?;
    *from -= amount;
    *to = after;
    Ok(())
}
