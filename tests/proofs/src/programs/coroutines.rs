//! Coroutines of one thread that withdraw from one account. A step is what a coroutine does
//! up to its next `await`: nowhere else can another one come between.

use interleave::{Bounds, End, Id, Ready, finished, step};
use real_std::cell::Cell;
use real_std::future::{self, Future};
use real_std::rc::Rc;
use real_std::task::Poll;
use shuttle::future::{block_on, spawn_local};

use super::account::Account;
use super::racy_account::RacyAccount;
use crate::proof::{Program, Proof, Scene};

const BOUNDS: Bounds = Bounds {
    threads: &["main", "task 80", "task 70", "task 50", "task 20"],
    objects: &["balance"],
    ..Bounds::NONE
};

/// A place where the other coroutines may go on.
fn at_await() {
    // From here to the next `await` it may touch anything.
    step(|| "go on".into(), Ready::Always, &[Id::ALL]);
}

/// Each coroutine takes its amount out of 100, and waits at the till for something.
fn tills<A: 'static>(
    account: A,
    amounts: &[u32],
    withdraw: impl AsyncFn(&A, u32) -> Result<i64, i64> + Copy + 'static,
    balance: impl Fn(&A) -> i64,
) -> End {
    let (account, paid) = (Rc::new(account), Rc::new(Cell::new(0)));
    let tasks = amounts.iter().map(|&amount| {
        let (account, paid) = (Rc::clone(&account), Rc::clone(&paid));
        spawn_local(async move {
            at_await();
            if withdraw(&account, amount).await.is_ok() {
                paid.set(paid.get() + i64::from(amount));
            }
            finished(false);
        })
    });
    let tasks: Vec<_> = tasks.collect();
    block_on(async {
        for task in tasks {
            let _ = task.await;
        }
    });
    match (balance(&account), paid.get()) {
        (..0, _) => End::bad("below 0"),
        (balance, paid) if balance + paid != 100 => End::bad("paid, but not taken out"),
        (balance, _) => End::good(balance.to_string()),
    }
}

fn racy(amounts: &'static [u32]) -> Program {
    Program::new(BOUNDS, || {
        let withdraw = async |account: &RacyAccount, amount| {
            account.withdraw(amount, async || at_await()).await
        };
        tills(
            RacyAccount::new(100),
            amounts,
            withdraw,
            RacyAccount::balance,
        )
    })
}

fn right(amounts: &'static [u32]) -> Program {
    Program::new(BOUNDS, || {
        let withdraw =
            async |account: &Account, amount| account.withdraw(amount, async || at_await()).await;
        tills(Account::new(100), amounts, withdraw, Account::balance)
    })
}

/// A coroutine that is refused never gets to the till; one that is dropped there has withdrawn.
fn refused_and_dropped() -> Program {
    Program::new(BOUNDS, || {
        let account = Rc::new(Account::new(100));
        let at_till = Rc::new(Cell::new(false));
        let tasks = [101, 70, 50].map(|amount| {
            let (account, at_till) = (Rc::clone(&account), Rc::clone(&at_till));
            spawn_local(async move {
                at_await();
                let mut withdrawal = Box::pin(account.withdraw(amount, async || {
                    at_till.set(at_till.get() || amount == 101);
                    future::pending::<()>().await;
                }));
                // One look, and it is dropped.
                let look =
                    future::poll_fn(|context| Poll::Ready(withdrawal.as_mut().poll(context)));
                let paid = match look.await {
                    Poll::Pending => i64::from(amount),
                    Poll::Ready(Err(left)) if left >= 0 && left < amount.into() => 0,
                    Poll::Ready(_) => i64::MAX / 4,
                };
                drop(withdrawal);
                finished(false);
                paid
            })
        });
        let paid = block_on(async {
            let mut paid = 0;
            for task in tasks {
                paid += task.await.unwrap_or(0);
            }
            paid
        });
        match (account.balance(), at_till.get()) {
            (balance @ 0.., false) if balance + paid == 100 => End::good(balance.to_string()),
            other => End::bad(format!("{other:?}")),
        }
    })
}

pub fn proofs() -> Vec<Proof> {
    vec![
        Proof {
            lesson: "coroutines",
            file: "racy_account.rs",
            what: "four tasks at once",
            ends: &["below 0", "0", "10", "30"],
            wrong: true,
            programs: vec![racy(&[80, 70, 50, 20])],
        },
        Proof {
            lesson: "coroutines",
            file: "account.rs",
            what: "four tasks at once",
            ends: &["0", "10", "30"],
            wrong: false,
            programs: vec![right(&[80, 70, 50, 20])],
        },
        Proof {
            lesson: "coroutines",
            file: "account.rs",
            what: "refused, or dropped at the till",
            ends: &["30", "50"],
            wrong: false,
            programs: vec![refused_and_dropped()],
        },
    ]
}

pub fn scene() -> Scene {
    Scene {
        lesson: "coroutines",
        goal: "make the balance negative, on a single thread",
        wrong: ("racy_account.rs", racy(&[80, 70])),
        right: ("account.rs", right(&[80, 70])),
    }
}
