// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; parking_lot 0.13.
//! Transfers that give up instead of waiting without end (*try-lock with back-off*). The
//! caller pauses and tries again.

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
    /// Another thread holds a lock that this transfer needs. This one holds none any more.
    Busy,
}

/// Moves `amount`, and waits for each lock no longer than `limit`. Two threads that try
/// again with the *same* limit may give up at the same moment again and again
/// (*livelock*): use unequal limits or pauses. If both are the same account, it is always
/// [`Refusal::Busy`].
///
/// `between_locks` runs when the first lock is held and the second is not. It must not
/// lock the first account: its own thread holds that lock, so it would block without end.
pub fn try_transfer_for(
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

/// Moves `amount` if the second lock is free once the first one is held: no thread waits
/// while it holds a lock. It waits for the first lock without a limit. Two threads that
/// try again need unequal pauses, as with [`try_transfer_for`]. If both are the same
/// account, it is always [`Refusal::Busy`].
///
/// `between_locks` runs as in [`try_transfer_for`].
pub fn try_transfer(
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
    // All that can fail comes before the first change.
    let after = to.checked_add(amount).ok_or(Refusal::TooLarge(*to))?;
    *from -= amount;
    *to = after;
    Ok(())
}
