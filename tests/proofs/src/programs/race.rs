//! Tills that withdraw from one account at once.

use interleave::{Bounds, Memory};

use super::account::Account;
use super::racy_account::RacyAccount;
use crate::proof::{Program, Proof, Scene};
use crate::tills::{busy_tills, tills};

const BOUNDS: Bounds = Bounds {
    threads: &["main", "till 80", "till 70", "till 50", "till 20"],
    objects: &["balance"],
    memory: Memory::AsNamed,
    ..Bounds::NONE
};

fn racy(amounts: &'static [u32]) -> Program {
    Program::new(BOUNDS, || {
        let account = RacyAccount::new(100);
        let withdraw = |account: &RacyAccount, amount| account.withdraw(amount, || ());
        tills(&account, amounts, withdraw, RacyAccount::balance)
    })
}

fn right(amounts: &'static [u32]) -> Program {
    Program::new(BOUNDS, || {
        let account = Account::new(100);
        let withdraw = |account: &Account, amount| account.withdraw(amount, || ());
        tills(&account, amounts, withdraw, Account::balance)
    })
}

fn busy() -> Program {
    Program::new(BOUNDS, || {
        let withdraw =
            |account: &Account, amount, at_till: &dyn Fn()| account.withdraw(amount, at_till);
        busy_tills(&Account::new(100), withdraw, Account::balance, false)
    })
}

pub fn proofs() -> Vec<Proof> {
    vec![
        Proof {
            lesson: "race",
            file: "racy_account.rs",
            what: "four tills at once",
            ends: &["below 0", "0", "10", "30"],
            wrong: true,
            programs: vec![racy(&[80, 70, 50, 20])],
        },
        Proof {
            lesson: "race",
            file: "account.rs",
            what: "four tills at once",
            ends: &["0", "10", "30"],
            wrong: false,
            programs: vec![right(&[80, 70, 50, 20])],
        },
        Proof {
            lesson: "race",
            file: "account.rs",
            what: "tills that do something",
            ends: &["0"],
            wrong: false,
            programs: vec![busy()],
        },
    ]
}

pub fn scene() -> Scene {
    Scene {
        lesson: "race",
        goal: "make the balance negative",
        wrong: ("racy_account.rs", racy(&[80, 70])),
        right: ("account.rs", right(&[80, 70])),
    }
}
