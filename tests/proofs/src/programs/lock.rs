//! Tills that withdraw from one account at once, under its lock.

use std::panic::{self, AssertUnwindSafe};
use std::thread;

use interleave::{Bounds, End, Id, Ready, aside, step};
use real_std::sync::atomic::{AtomicI64, Ordering::SeqCst};

use super::account::{Account, Refusal};
use super::twice_locked_account::TwiceLockedAccount;
use crate::proof::{Program, Proof, Scene};
use crate::tills::{busy_tills, tills};

const BOUNDS: Bounds = Bounds {
    threads: &["main", "till 80", "till 70", "till 50", "till 20"],
    objects: &["balance"],
    show_unlocking: true,
    ..Bounds::NONE
};

fn right(amounts: &'static [u32], held_throughout: bool) -> Program {
    let balance = |refusal| match refusal {
        Refusal::TooSmall(balance) => balance,
        Refusal::Poisoned => i64::MAX,
    };
    Program::new(BOUNDS, move || {
        let withdraw = |account: &Account, amount| match held_throughout {
            true => account
                .withdraw_holding_lock(amount, || ())
                .map_err(balance),
            false => account.withdraw(amount, || ()).map_err(balance),
        };
        let balance = |account: &Account| account.balance().expect("no thread panics");
        tills(&Account::new(100), amounts, withdraw, balance)
    })
}

fn twice_locked(amounts: &'static [u32]) -> Program {
    Program::new(BOUNDS, move || {
        let withdraw = |account: &TwiceLockedAccount, amount| account.withdraw(amount, || ());
        let account = TwiceLockedAccount::new(100);
        tills(&account, amounts, withdraw, TwiceLockedAccount::balance)
    })
}

/// One till panics while it holds the lock; two others want the lock as well.
fn a_till_panics() -> Program {
    Program::new(BOUNDS, || {
        let account = &Account::new(100);
        let left = &AtomicI64::new(100);
        thread::scope(|scope| {
            scope.spawn(|| {
                let withdraw = || account.withdraw_holding_lock(80, || panic!("out of paper"));
                _ = panic::catch_unwind(AssertUnwindSafe(withdraw));
            });
            for amount in [70, 20] {
                scope.spawn(move || match account.withdraw(amount, || ()) {
                    Ok(_) => _ = left.fetch_sub(amount.into(), SeqCst),
                    Err(Refusal::Poisoned | Refusal::TooSmall(_)) => {}
                });
            }
        });
        match (aside(|| account.balance()), left.load(SeqCst)) {
            (Err(Refusal::Poisoned), 100) => End::good("poisoned, none paid"),
            (Err(Refusal::Poisoned), 0..100) => End::good("poisoned, some paid before"),
            // Too little was left for the till that would have panicked.
            (Ok(balance), left) if balance == left && balance < 80 => End::good("too little left"),
            _ => End::bad("a half-done change was seen"),
        }
    })
}

/// `at_till` runs outside of the lock.
fn busy() -> Program {
    Program::new(BOUNDS, || {
        let withdraw =
            |account: &Account, amount, at_till: &dyn Fn()| account.withdraw(amount, at_till);
        let balance = |account: &Account| account.balance().expect("never poisoned");
        busy_tills(&Account::new(100), withdraw, balance, true)
    })
}

/// `at_till` runs on one thread at a time.
fn one_at_the_till() -> Program {
    Program::new(BOUNDS, || {
        let account = &Account::new(100);
        let (inside, two) = (&AtomicI64::new(0), &AtomicI64::new(0));
        let at_till = &|| {
            two.fetch_max(inside.fetch_add(1, SeqCst), SeqCst);
            step(|| "count".into(), Ready::Always, &[Id::ALL]);
            inside.fetch_sub(1, SeqCst);
        };
        thread::scope(|scope| {
            for amount in [50, 30, 101] {
                scope.spawn(move || account.withdraw_holding_lock(amount, at_till));
            }
        });
        match (aside(|| account.balance()), two.load(SeqCst)) {
            (Ok(20), 0) => End::good("one after the other"),
            other => End::bad(format!("{other:?}")),
        }
    })
}

pub fn proofs() -> Vec<Proof> {
    const AMOUNTS: &[u32] = &[80, 70, 50, 20];
    let proof = |file, what, ends, program| Proof {
        lesson: "lock",
        file,
        what,
        ends,
        wrong: file != "account.rs",
        programs: vec![program],
    };
    vec![
        proof(
            "twice_locked_account.rs",
            "four tills at once",
            &["below 0", "0", "10", "30"],
            twice_locked(AMOUNTS),
        ),
        proof(
            "account.rs",
            "four tills, lock held throughout",
            &["0", "10", "30"],
            right(AMOUNTS, true),
        ),
        proof(
            "account.rs",
            "four tills, lock held for less",
            &["0", "10", "30"],
            right(AMOUNTS, false),
        ),
        proof(
            "account.rs",
            "three tills, one panics",
            &[
                "poisoned, none paid",
                "poisoned, some paid before",
                "too little left",
            ],
            a_till_panics(),
        ),
        proof(
            "account.rs",
            "tills that do something",
            &["0", "30"],
            busy(),
        ),
        proof(
            "account.rs",
            "one at the till at a time",
            &["one after the other"],
            one_at_the_till(),
        ),
    ]
}

pub fn scene() -> Scene {
    Scene {
        lesson: "lock",
        goal: "make the balance negative, although every access is under the lock",
        wrong: ("twice_locked_account.rs", twice_locked(&[80, 70])),
        right: ("account.rs", right(&[80, 70], false)),
    }
}
