//! shuttle's own primitives and its own search come to the same ends as ours, on the same
//! files. It also switches where threads start, end and are joined, so it counts more
//! schedules; they are none the richer.

extern crate plain_std as std;
extern crate std as real_std;

use real_std::collections::BTreeSet;
use real_std::sync::{Arc, Mutex};
use std::thread;

#[path = "../../../lessons/race/src/account.rs"]
mod account;
#[allow(dead_code, reason = "what is searched is `withdraw`")]
#[path = "../../../lessons/lock/src/account.rs"]
mod locked_account;
#[path = "../../../lessons/race/src/racy_account.rs"]
mod racy_account;

use account::Account;
use locked_account::Account as LockedAccount;
use racy_account::RacyAccount;

/// How shuttle's search ends, with four tills. One of them is the thread that starts the
/// others: with a fifth thread there are millions of schedules.
fn ends<A: Send + Sync + 'static>(
    new: fn(u32) -> A,
    withdraw: impl Fn(&A, u32) + Send + Sync + 'static,
    balance: impl Fn(&A) -> i64 + Send + Sync + 'static,
) -> BTreeSet<String> {
    let ends = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = Arc::clone(&ends);
    let run = move || {
        let (account, withdraw) = (&new(100), &withdraw);
        thread::scope(|scope| {
            for amount in [80, 70, 50] {
                scope.spawn(move || withdraw(account, amount));
            }
            withdraw(account, 20);
        });
        let end = match balance(account) {
            ..0 => "below 0".to_owned(),
            balance => balance.to_string(),
        };
        seen.lock().unwrap().insert(end);
    };
    shuttle::check_dfs(run, None);
    let ends = ends.lock().unwrap();
    ends.clone()
}

/// How ours ends.
fn ours(lesson: &str, what: &str) -> BTreeSet<String> {
    let mut proofs = proofs::proofs().into_iter();
    let proof = proofs
        .find(|proof| proof.lesson == lesson && format!("{}: {}", proof.file, proof.what) == what);
    let outcome = proof.expect("there is such a proof").check();
    outcome.ends.into_keys().map(|end| end.what).collect()
}

#[test]
fn the_racy_account_ends_the_same_ways() {
    let withdraw = |account: &RacyAccount, amount| _ = account.withdraw(amount, || ());
    let ends = ends(RacyAccount::new, withdraw, RacyAccount::balance);
    assert_eq!(ends, ours("race", "racy_account.rs: four tills at once"));
}

#[test]
fn the_account_with_compare_and_swap_ends_the_same_ways() {
    let withdraw = |account: &Account, amount| _ = account.withdraw(amount, || ());
    let ends = ends(Account::new, withdraw, Account::balance);
    assert_eq!(ends, ours("race", "account.rs: four tills at once"));
}

#[test]
fn the_account_with_a_lock_ends_the_same_ways() {
    let withdraw = |account: &LockedAccount, amount| _ = account.withdraw(amount, || ());
    let ends = ends(LockedAccount::new, withdraw, |account| {
        account.balance().unwrap()
    });
    assert_eq!(
        ends,
        ours("lock", "account.rs: four tills, lock held for less")
    );
}
