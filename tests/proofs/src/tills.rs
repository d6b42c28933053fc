//! Tills that withdraw from one account at once, whichever account it is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use interleave::{End, aside};
use real_std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};

/// Each till takes its amount out of 100, and is told what is left or what was too little.
pub fn tills<A: Sync>(
    account: &A,
    amounts: &[u32],
    withdraw: impl Fn(&A, u32) -> Result<i64, i64> + Sync,
    balance: impl Fn(&A) -> i64,
) -> End {
    let (paid, told, wrong) = (
        AtomicI64::new(0),
        AtomicI64::new(100),
        AtomicBool::new(false),
    );
    thread::scope(|scope| {
        for &amount in amounts {
            let (withdraw, paid, told, wrong) = (&withdraw, &paid, &told, &wrong);
            scope.spawn(move || match withdraw(account, amount) {
                Ok(left) => {
                    paid.fetch_add(amount.into(), SeqCst);
                    told.fetch_min(left, SeqCst);
                }
                Err(left) if left < amount.into() => {}
                Err(_) => wrong.store(true, SeqCst),
            });
        }
    });
    match (aside(|| balance(account)), paid.into_inner()) {
        (..0, _) => End::bad("below 0"),
        (balance, paid) if balance + paid != 100 => End::bad("paid, but not taken out"),
        (balance, _) if wrong.into_inner() || told.into_inner() != balance => {
            End::bad("a wrong balance was told")
        }
        (balance, _) => End::good(balance.to_string()),
    }
}

/// Three tills at an account of 100, which do something at the till. The one of 80 withdraws 20
/// more, the one of 70 breaks down, and the one of 101 never gets there: so much was never in it.
pub fn busy_tills<A: Sync, E>(
    account: &A,
    withdraw: impl Fn(&A, u32, &dyn Fn()) -> Result<i64, E> + Sync,
    balance: impl Fn(&A) -> i64,
    keeps_if_panicked: bool,
) -> End {
    let (paid, wrong) = (AtomicI64::new(0), AtomicBool::new(false));
    let pay = |amount: u32, at_till: &dyn Fn()| {
        let withdrawn = catch_unwind(AssertUnwindSafe(|| withdraw(account, amount, at_till)));
        match withdrawn {
            Ok(Ok(0..)) => _ = paid.fetch_add(amount.into(), SeqCst),
            Ok(Ok(_)) => wrong.store(true, SeqCst),
            Err(_) if keeps_if_panicked => _ = paid.fetch_add(amount.into(), SeqCst),
            Ok(Err(_)) | Err(_) => {}
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| pay(80, &|| pay(20, &|| ())));
        scope.spawn(|| pay(70, &|| panic!("out of paper")));
        scope.spawn(|| pay(101, &|| wrong.store(true, SeqCst)));
    });
    match (aside(|| balance(account)), paid.into_inner()) {
        _ if wrong.into_inner() => End::bad("a refused one was at the till, or was paid"),
        (..0, _) => End::bad("below 0"),
        (balance, paid) if balance + paid != 100 => End::bad("paid, but not taken out"),
        (balance, _) => End::good(balance.to_string()),
    }
}
