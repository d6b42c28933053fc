//! **Lock** (mutex): only one thread at a time may hold it; the others wait.
//!
//! Python: `threading.Lock`, `with lock:`   Rust: `Mutex<i64>` and its guard
//!
//!     cargo run -p lesson-lock        (4 seconds)
//!
//! The account of the lesson race again, with four tills at once, and now a lock
//! around check and change: held for the whole withdrawal, then only for as long as
//! needed, then for less. At last a till breaks down while it holds the lock.
//!
//! Take away: `src/account.rs`. Beside it, wrong: `src/twice_locked_account.rs`.

mod account;
mod twice_locked_account;

use std::panic;
use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use account::{Account, Refusal};
use timing::{Lesson, Span, say};
use twice_locked_account::TwiceLockedAccount;

const BALANCE: u32 = 100;
const WITHDRAWALS: [(&str, u32); 4] = [
    ("till 1", 80),
    ("till 2", 70),
    ("till 3", 50),
    ("till 4", 20),
];

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let one_by_one = lock_held_throughout(lesson);
        let together = lock_held_for_less(lesson);
        lock_let_go_between(lesson);
        lock_of_a_thread_that_panics(lesson);
        lesson.speedup("lock", one_by_one, together, None);
        Ok(())
    })
}

/// Right, and as slow as the queue at a single counter: the money is counted out while
/// everybody else waits for the lock.
fn lock_held_throughout(lesson: &Lesson) -> Duration {
    let act = lesson.act("The lock held for the whole withdrawal");
    let account = Account::new(BALANCE);
    thread::scope(|scope| {
        for (till, amount) in WITHDRAWALS {
            let (account, lane) = (&account, lesson.lane(till));
            scope.spawn(move || {
                let blocked = lane.blocked("");
                let outcome = account.withdraw_holding_lock(amount, || {
                    drop(blocked);
                    count_out(till, amount, lane.holding(format!("counts out {amount}")));
                });
                report(till, amount, outcome);
            });
        }
    });
    act.end(ending(&account))
}

/// Right as well: the amount is reserved under the lock in no time at all, and the money
/// is counted out after it.
fn lock_held_for_less(lesson: &Lesson) -> Duration {
    let act = lesson.act("The lock held for check and change only");
    let account = Account::new(BALANCE);
    thread::scope(|scope| {
        for (till, amount) in WITHDRAWALS {
            let (account, lane) = (&account, lesson.lane(till));
            scope.spawn(move || {
                let outcome = account.withdraw(amount, || {
                    count_out(till, amount, lane.waiting(format!("counts out {amount}")));
                });
                report(till, amount, outcome);
            });
        }
    });
    act.end(ending(&account))
}

/// Hold a lock for as little as it takes, but not for less. Here every access is under the
/// lock and the race is back: the check and the change belong together.
fn lock_let_go_between(lesson: &Lesson) {
    let act = lesson.act("The lock held for the check, and again for the change");
    let account = TwiceLockedAccount::new(BALANCE);
    let all_checked = Barrier::new(WITHDRAWALS.len());
    thread::scope(|scope| {
        for (till, amount) in WITHDRAWALS {
            let (account, all_checked, lane) = (&account, &all_checked, lesson.lane(till));
            scope.spawn(move || {
                let outcome = account.withdraw(amount, || {
                    all_checked.wait();
                    count_out(till, amount, lane.waiting(format!("counts out {amount}")));
                });
                report(till, amount, outcome.map_err(Refusal::TooSmall));
            });
        }
    });
    act.end(format_args!("the account ends at {}", account.balance()));
}

/// Python's `with lock:` would unlock and tell nobody. Rust unlocks too, but marks the
/// lock as *poisoned*: whoever comes next decides what to make of a half-done change.
fn lock_of_a_thread_that_panics(lesson: &Lesson) {
    let act = lesson.act("A till that breaks down while it holds the lock");
    let account = Account::new(BALANCE);
    // Instead of the trace that a panic prints on standard error, one line in our own.
    let print_trace = panic::take_hook();
    panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        say!("till 1: panics: {message}");
    }));
    let till_1 = thread::scope(|scope| {
        let till_1 = scope.spawn(|| account.withdraw_holding_lock(80, || panic!("out of paper")));
        till_1.join()
    });
    panic::set_hook(print_trace);
    say!("join tells that it panicked: {}", till_1.is_err());
    report("till 2", 70, account.withdraw(70, || ()));
    act.end(ending(&account));
}

/// The second at the till; the span says whether the lock is held meanwhile.
fn count_out(till: &str, amount: u32, _span: Span) {
    say!("{till}: the balance covers {amount}, counting it out");
    thread::sleep(timing::seconds(1.0));
}

fn report(till: &str, amount: u32, outcome: Result<i64, Refusal>) {
    match outcome {
        Ok(balance) => say!("{till}: paid {amount}, the balance is {balance}"),
        Err(Refusal::TooSmall(balance)) => {
            say!("{till}: refused {amount}, the balance is {balance}");
        }
        Err(Refusal::Poisoned) => say!("{till}: refused {amount}, the lock is poisoned"),
    }
}

fn ending(account: &Account) -> String {
    match account.balance() {
        Ok(balance) => format!("the account ends at {balance}"),
        Err(_) => "nobody can trust the account any more".into(),
    }
}
