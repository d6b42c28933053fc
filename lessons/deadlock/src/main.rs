//! **Deadlock**: threads wait for each other in a circle, and none can continue.
//!
//! Python: `lock.acquire(timeout=2)`   Rust: `parking_lot::Mutex`, `try_lock_for`
//!
//!     cargo run -p lesson-deadlock                (5 seconds)
//!     cargo run -p lesson-deadlock -- --hang      (until Ctrl-C)
//!
//! Two clerks transfer money, one from A to B, one from B to A; a transfer needs
//! the locks of both accounts. First the clerks wait for each other, and a
//! detector finds the circle. Then three cures, each of which removes one of the
//! conditions of a deadlock.
//!
//! Take away: `src/transfer.rs`; `src/try_transfer.rs`, which may give up and has
//! to be called again. The broken version: `src/unordered_transfer.rs`.

mod clerks;
mod transfer;
mod try_transfer;
mod unordered_transfer;

use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;

use clerks::{Bank, both, clerks, find_circle};
use timing::{Lesson, say};
use transfer::{Account, transfer};
use try_transfer::{Refusal, try_transfer, try_transfer_for};
use unordered_transfer::unordered_transfer;

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &["--hang"], |lesson| {
        let act = lesson.act("Each clerk locks the account it takes from, then the other");
        opposite_order(lesson)?;
        act.end("mutual exclusion, hold and wait, no preemption, circular wait: all four");

        let act = lesson.act("A time limit for each lock: 2 s for clerk 3, 4 s for clerk 4");
        let bank = time_limit(lesson);
        act.end(ending(bank, "no preemption"));

        let act = lesson.act("One order for all locks: A before B");
        let bank = one_order(lesson);
        act.end(ending(bank, "circular wait"));

        let act = lesson.act("Try-lock with back-off: both locks or none");
        let bank = both_or_none(lesson);
        act.end(ending(bank, "hold and wait"));
        Ok(())
    })
}

/// The barrier lets both clerks take their first lock before either asks for its second.
/// Their threads never end, so all that they use is `static`.
fn opposite_order(lesson: &Lesson) -> Result<(), &'static str> {
    static BANK: Bank = [Account::new(100), Account::new(100)];
    static BOTH_HOLD_ONE: Barrier = Barrier::new(2);

    let threads = clerks(lesson, ["clerk 1", "clerk 2"]).map(|clerk| {
        let note = clerk.note();
        let thread = thread::spawn(move || {
            let (from, to) = (&BANK[clerk.from], &BANK[clerk.to]);
            unordered_transfer(from, to, clerk.amount, || {
                BOTH_HOLD_ONE.wait();
                clerk.asks_for_second();
            })
        });
        (note, thread)
    });

    // The detector knows threads, but not the names of accounts: hence the notes.
    let circle = find_circle()?;
    say!("the detector finds {} threads in a circle:", circle.len());
    for (note, thread) in &threads {
        if circle.contains(&thread.thread().id()) {
            say!("{note}");
        }
    }
    if lesson.has("--hang") {
        say!("now the lesson waits for them too (Ctrl-C ends it)");
        for (_, thread) in threads {
            let _ = thread.join();
        }
    }
    Ok(())
}

/// Both clerks hold one lock again and wait for the other. The limit of clerk 3 passes
/// first: it releases its lock, and clerk 4 continues.
fn time_limit(lesson: &Lesson) -> Bank {
    both(lesson, |clerk, from, to, meet| {
        try_transfer_for(clerk.patience, from, to, clerk.amount, || {
            meet();
            clerk.asks_for_second();
        })
    })
}

/// Whichever way the money goes, A is locked before B. The second clerk waits for A and
/// holds nothing meanwhile, so the clerks cannot meet here with one lock each.
fn one_order(lesson: &Lesson) -> Bank {
    both(lesson, |clerk, from, to, _| {
        clerk.waits("waits for A");
        let outcome = transfer(from, to, clerk.amount, || {
            clerk.holds("holds A");
            say!("{}: holds A, counts, then asks for B", clerk.name);
            thread::sleep(timing::seconds(0.5));
        });
        outcome.map_err(Refusal::TooSmall)
    })
}

/// Both clerks hold one lock again. Clerk 3 finds the other lock taken and releases its
/// own at once. Clerk 4 asks only then, so that not both of them fail.
fn both_or_none(lesson: &Lesson) -> Bank {
    both(lesson, |clerk, from, to, meet| {
        try_transfer(from, to, clerk.amount, || {
            meet();
            while clerk.name == "clerk 4" && to.is_locked() {
                thread::yield_now();
            }
            clerk.asks_for_second();
        })
    })
}

fn ending(bank: Bank, removed: &str) -> String {
    let [a, b] = bank.map(Account::into_inner);
    format!("A ends at {a}, B at {b}; removed: {removed}")
}
