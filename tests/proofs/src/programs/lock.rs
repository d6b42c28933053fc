//! Tills that withdraw from one account at once, under its lock.

use std::panic::{self, AssertUnwindSafe};
use std::thread;

use interleave::{Bounds, End, aside};
use real_std::sync::atomic::{AtomicI64, Ordering::SeqCst};

use super::account::{Account, Refusal};
use super::twice_locked_account::TwiceLockedAccount;
use crate::proof::{Program, Proof, Scene};
use crate::tills::tills;

const BOUNDS: Bounds = Bounds {
    threads: &["main", "till 80", "till 70", "till 50", "till 20"],
    objects: &["balance"],
    show_unlocking: true,
    ..Bounds::NONE
};

fn right(amounts: &'static [u32], held_throughout: bool) -> Program {
    Program::new(BOUNDS, move || {
        let withdraw = |account: &Account, amount| match held_throughout {
            true => account.withdraw_holding_lock(amount, || ()),
            false => account.withdraw(amount, || ()),
        };
        let balance = |account: &Account| account.balance().expect("nobody panics");
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

/// One till breaks down while it holds the lock; two others come by.
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
            (Err(Refusal::Poisoned), 100) => End::good("poisoned, nobody was paid"),
            (Err(Refusal::Poisoned), 0..100) => End::good("poisoned, some were paid before"),
            // Too little was left for the till that would have panicked.
            (Ok(balance), left) if balance == left && balance < 80 => End::good("too little left"),
            _ => End::bad("a half-done change was seen"),
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
                "poisoned, nobody was paid",
                "poisoned, some were paid before",
                "too little left",
            ],
            a_till_panics(),
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
