//! **Lock** (mutex): only one thread at a time may hold it; the others wait.
//!
//! Python: `threading.Lock`, `with lock:`   Rust: `Mutex<i64>` and its guard
//!
//!     cargo run -p lesson-lock        (4 seconds)
//!
//! The account of the lesson race again, with four tills at once, and now a lock.
//! First each till holds the lock for the whole withdrawal, then only for check and
//! change, then it releases the lock between check and change. Last, a till panics
//! while it holds the lock.
//!
//! Take away: `src/account.rs`. The broken version: `src/twice_locked_account.rs`.

mod account;
mod twice_locked_account;

use std::panic;
use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;

use account::{Account, Refusal};
use timing::{Lane, Lesson, say};
use twice_locked_account::TwiceLockedAccount;

const BALANCE: u32 = 100;
const WITHDRAWALS: [(&str, u32); 4] = [
    ("till 1", 80),
    ("till 2", 70),
    ("till 3", 50),
    ("till 4", 20),
];

type Outcome = Result<i64, Refusal>;

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let act = lesson.act("The lock held for the whole withdrawal");
        let account = lock_held_throughout(lesson);
        let one_by_one = act.end(ending(&account));

        let act = lesson.act("The lock held for check and change only");
        let account = lock_held_for_less(lesson);
        let together = act.end(ending(&account));

        let act = lesson.act("The lock released between check and change");
        let balance = lock_released_between(lesson);
        act.end(format_args!("the account ends at {balance}"));

        let act = lesson.act("A till that fails while it holds the lock");
        if cfg!(panic = "abort") {
            return Err("this act needs panics that unwind".into());
        }
        let account = till_that_panics();
        act.end(ending(&account));

        lesson.speedup("lock", one_by_one, together, None);
        Ok(())
    })
}

/// Right, but slow: while a till counts out the money, all others wait for the lock.
fn lock_held_throughout(lesson: &Lesson) -> Account {
    let account = Account::new(BALANCE);
    at_once(lesson, |till, amount, lane| {
        let blocked = lane.blocked("");
        let outcome = account.withdraw_holding_lock(amount, || {
            drop(blocked);
            let _span = lane.holding(format!("counts out {amount}"));
            lane.receives("the lock");
            count_out(till, amount);
            lane.sends("the lock");
        });
        // To read it again would be to wait: the next till holds the lock.
        outcome.inspect(|&balance| lesson.value("balance", || balance))
    });
    account
}

/// Right, and faster: each till reserves the amount under the lock, which takes next to no
/// time, and counts out the money afterwards.
fn lock_held_for_less(lesson: &Lesson) -> Account {
    let account = Account::new(BALANCE);
    at_once(lesson, |till, amount, lane| {
        account.withdraw(amount, || {
            lesson.value("balance", || account.balance().expect("no till panics"));
            let _span = lane.waiting(format!("counts out {amount}"));
            count_out(till, amount);
        })
    });
    account
}

/// Wrong: each access is under the lock, but check and change are two steps again.
fn lock_released_between(lesson: &Lesson) -> i64 {
    let account = TwiceLockedAccount::new(BALANCE);
    let all_checked = Barrier::new(WITHDRAWALS.len());
    at_once(lesson, |till, amount, lane| {
        let outcome = account.withdraw(amount, || {
            all_checked.wait();
            let _span = lane.waiting(format!("counts out {amount}"));
            count_out(till, amount);
        });
        lesson.value("balance", || account.balance());
        outcome.map_err(Refusal::TooSmall)
    });
    account.balance()
}

/// The panic releases the lock, as an exception does in Python. But Rust also marks the
/// lock as *poisoned*, so that the next thread knows that a change may be half done.
fn till_that_panics() -> Account {
    let account = Account::new(BALANCE);
    // Prints one line in place of the usual message on standard error.
    let usual = panic::take_hook();
    panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        say!("till 1: panics: {message}");
    }));
    let till_1 = || account.withdraw_holding_lock(80, || panic!("out of paper"));
    let joined = thread::scope(|scope| scope.spawn(till_1).join());
    panic::set_hook(usual);
    say!("join returns an error: {}", joined.is_err());
    report("till 2", 70, account.withdraw(70, || ()));
    account
}

/// All four tills, each on a thread of its own, with its row of the timeline.
fn at_once(lesson: &Lesson, withdraw: impl Fn(&str, u32, Lane) -> Outcome + Sync) {
    lesson.value("balance", || BALANCE.into());
    thread::scope(|scope| {
        for (till, amount) in WITHDRAWALS {
            let (withdraw, lane) = (&withdraw, lesson.lane(till));
            scope.spawn(move || report(till, amount, withdraw(till, amount, lane)));
        }
    });
}

/// The second at the till.
fn count_out(till: &str, amount: u32) {
    say!("{till}: the balance covers {amount}, counting it out");
    thread::sleep(timing::seconds(1.0));
}

fn report(till: &str, amount: u32, outcome: Outcome) {
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
        Err(_) => "the account stays poisoned".into(),
    }
}
