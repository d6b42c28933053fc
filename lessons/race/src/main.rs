//! **Race condition**: the result depends on which thread comes first.
//!
//! Python: `threading.Thread`, `self.balance`   Rust: `thread::scope`, `AtomicI64`
//!
//!     cargo run -p lesson-race        (4 seconds)
//!
//! An account holds 100. Four tills withdraw 80, 70, 50 and 20: each checks the
//! balance, counts out the money for one second, then subtracts.
//!
//! Take away: `src/account.rs`. The broken version: `src/racy_account.rs`.

mod account;
mod racy_account;

use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;

use account::Account;
use racy_account::RacyAccount;
use timing::{Lane, Lesson, say};

const BALANCE: u32 = 100;
const WITHDRAWALS: [(&str, u32); 4] = [
    ("till 1", 80),
    ("till 2", 70),
    ("till 3", 50),
    ("till 4", 20),
];

/// The new balance, or the balance that was too small.
type Outcome = Result<i64, i64>;

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let act = lesson.act("One after another");
        let balance = one_after_another(lesson);
        let one_by_one = act.end(format_args!("the account ends at {balance}"));

        let act = lesson.act("At once, check and change as two steps");
        let balance = at_once_two_steps(lesson);
        act.end(format_args!("the account ends at {balance}"));

        let act = lesson.act("At once, check and change as one step");
        let balance = at_once_one_step(lesson);
        let together = act.end(format_args!("the account ends at {balance}"));

        lesson.speedup("race", one_by_one, together, None);
        Ok(())
    })
}

/// There is no race on a single thread: even the broken version is right.
fn one_after_another(lesson: &Lesson) -> i64 {
    let account = RacyAccount::new(BALANCE);
    lesson.value("balance", || account.balance());
    for (till, amount) in WITHDRAWALS {
        let lane = lesson.lane(till);
        let outcome = account.withdraw(amount, || count_out(&lane, till, amount));
        lesson.value("balance", || account.balance());
        report(till, amount, outcome);
    }
    account.balance()
}

/// All four tills check before any of them subtracts. There is no *data race*, because
/// the balance is atomic; the *race condition* is in the logic of the program.
fn at_once_two_steps(lesson: &Lesson) -> i64 {
    let account = RacyAccount::new(BALANCE);
    lesson.value("balance", || account.balance());
    at_once(lesson, |amount, at_till| {
        let outcome = account.withdraw(amount, at_till);
        lesson.value("balance", || account.balance());
        outcome
    });
    account.balance()
}

/// The same tills and the same barrier. A till that is late sees that the balance has
/// changed, checks again, and refuses. Which till is late differs from run to run.
fn at_once_one_step(lesson: &Lesson) -> i64 {
    let account = Account::new(BALANCE);
    lesson.value("balance", || account.balance());
    at_once(lesson, |amount, at_till| {
        let outcome = account.withdraw(amount, at_till);
        lesson.value("balance", || account.balance());
        outcome
    });
    account.balance()
}

/// Runs `withdraw(amount, at_till)` on four threads, for either kind of account. The
/// barrier in `at_till` lets all four check before any of them changes the balance, so
/// that act 2 goes wrong in every run, not only by bad luck.
fn at_once(lesson: &Lesson, withdraw: impl Fn(u32, &dyn Fn()) -> Outcome + Sync) {
    let all_checked = Barrier::new(WITHDRAWALS.len());
    thread::scope(|scope| {
        for (till, amount) in WITHDRAWALS {
            let lane = lesson.lane(till);
            let (withdraw, all_checked) = (&withdraw, &all_checked);
            scope.spawn(move || {
                let outcome = withdraw(amount, &|| {
                    all_checked.wait();
                    count_out(&lane, till, amount);
                });
                report(till, amount, outcome);
            });
        }
    });
}

/// The second at the till, between check and change.
fn count_out(lane: &Lane, till: &str, amount: u32) {
    say!("{till}: the balance covers {amount}, counting it out");
    let _span = lane.waiting(format!("counts out {amount}"));
    thread::sleep(timing::seconds(1.0));
}

fn report(till: &str, amount: u32, outcome: Outcome) {
    match outcome {
        Ok(balance) => say!("{till}: paid {amount}, the balance is {balance}"),
        Err(balance) => say!("{till}: refused {amount}, the balance is {balance}"),
    }
}
