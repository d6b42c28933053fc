//! Tills that withdraw from one account at once, whichever account it is.

use std::thread;

use interleave::{End, aside};
use real_std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// Each till takes its amount out of 100. What it pays is noted.
pub fn tills<A: Sync, E>(
    account: &A,
    amounts: &[u32],
    withdraw: impl Fn(&A, u32) -> Result<i64, E> + Sync,
    balance: impl Fn(&A) -> i64,
) -> End {
    let paid = AtomicI64::new(0);
    thread::scope(|scope| {
        for &amount in amounts {
            let (withdraw, paid) = (&withdraw, &paid);
            scope.spawn(move || {
                if withdraw(account, amount).is_ok() {
                    paid.fetch_add(amount.into(), SeqCst);
                }
            });
        }
    });
    match (aside(|| balance(account)), paid.into_inner()) {
        (..0, _) => End::bad("below 0"),
        (balance, paid) if balance + paid != 100 => End::bad("paid, but not taken out"),
        (balance, _) => End::good(balance.to_string()),
    }
}
