//! **Deadlock**: threads wait for each other in a circle, for ever.
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
//! Take away: `src/transfer.rs`, right. Beside it `src/wrong_transfer.rs`, wrong,
//! and `src/impatient_transfer.rs`, which gives up and has to be called again.

mod impatient_transfer;
mod transfer;
mod wrong_transfer;

use std::process::ExitCode;
use std::sync::Barrier;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use impatient_transfer::{Refusal, transfer_both_or_none, transfer_within};
use parking_lot::{Mutex, deadlock};
use timing::{Lane, Lesson, Span, say};
use transfer::{Account, transfer};
use wrong_transfer::wrong_transfer;

/// The accounts A and B, in this order in memory.
type Bank = [Account; 2];
const NAMES: [&str; 2] = ["A", "B"];

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &["--hang"], |lesson| {
        opposite_order(lesson)?;
        time_limit(lesson);
        one_order(lesson);
        both_or_none(lesson);
        Ok(())
    })
}

/// Each clerk locks the account that it takes from. The barrier makes sure that both hold
/// their first lock before either asks for its second. Their threads never end, so all
/// that these use has to live for ever.
fn opposite_order(lesson: &Lesson) -> Result<(), &'static str> {
    static BANK: Bank = [Account::new(100), Account::new(100)];
    static BOTH_HOLD_ONE: Barrier = Barrier::new(2);
    /// The detector knows threads, but not the names of locks.
    static NOTES: Mutex<Vec<(ThreadId, String)>> = Mutex::new(Vec::new());

    let act = lesson.act("Each locks the account it takes from, then the other");
    let threads = clerks(lesson, ["clerk 1", "clerk 2"]).map(|clerk| {
        thread::spawn(move || {
            let mut _waits = None;
            wrong_transfer(&BANK[clerk.from], &BANK[clerk.to], clerk.amount, || {
                let (held, wanted) = (NAMES[clerk.from], NAMES[clerk.to]);
                let note = format!("{} holds {held} and waits for {wanted}", clerk.name);
                NOTES.lock().push((thread::current().id(), note));
                BOTH_HOLD_ONE.wait();
                _waits = Some(clerk.asks_for_second());
            })
        })
    });

    let circle = find_circle()?;
    say!("the detector finds {} threads in a circle:", circle.len());
    for (_, note) in NOTES.lock().iter().filter(|(id, _)| circle.contains(id)) {
        say!("{note}");
    }
    if lesson.has("--hang") {
        say!("now the lesson waits for them too (Ctrl-C ends it)");
        for thread in threads {
            let _ = thread.join();
        }
    }
    act.end("mutual exclusion, hold and wait, no preemption, circular wait: all four");
    Ok(())
}

/// Looks once a second. The detector reports a circle only once, and leaves out whoever
/// waits with a time limit.
fn find_circle() -> Result<Vec<ThreadId>, &'static str> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        thread::sleep(timing::seconds(1.0));
        if let Some(circle) = deadlock::check_deadlock().pop() {
            return Ok(circle.iter().map(|thread| thread.thread_id()).collect());
        }
    }
    Err("the detector has found no deadlock in 20 s")
}

/// Both hold one lock again and wait for the other, but not for ever. The one whose limit
/// is over first lets go of its lock, and the other one gets on.
fn time_limit(lesson: &Lesson) {
    let act = lesson.act("The same with a time limit: 2 s for clerk 3, 4 s for clerk 4");
    let bank = both(lesson, |clerk, from, to, meet| {
        let mut _waits = None;
        transfer_within(clerk.patience, from, to, clerk.amount, || {
            meet();
            _waits = Some(clerk.asks_for_second());
        })
    });
    act.end(ending(bank, "no preemption"));
}

/// Whichever way the money goes, A is locked before B: whoever comes second waits with
/// empty hands. The clerks cannot meet here with a lock each.
fn one_order(lesson: &Lesson) {
    let act = lesson.act("One order for all: A before B");
    let bank = both(lesson, |clerk, from, to, _| {
        let waits = clerk.lane.blocked("waits for A");
        let mut _holds = None;
        let outcome = transfer(from, to, clerk.amount, || {
            drop(waits);
            _holds = Some(clerk.lane.holding("holds A"));
            say!("{}: holds A, counts, then asks for B", clerk.name);
            thread::sleep(timing::seconds(0.5));
        });
        outcome.map_err(Refusal::TooSmall)
    });
    act.end(ending(bank, "circular wait"));
}

/// Both hold one lock again. Clerk 3 finds the other one taken and lets go of its own at
/// once; clerk 4 asks only then.
fn both_or_none(lesson: &Lesson) {
    let act = lesson.act("Both locks or none");
    let bank = both(lesson, |clerk, from, to, meet| {
        transfer_both_or_none(from, to, clerk.amount, || {
            meet();
            while clerk.name == "clerk 4" && to.is_locked() {
                thread::yield_now();
            }
            let _span = clerk.asks_for_second();
        })
    });
    act.end(ending(bank, "hold and wait"));
}

struct Clerk {
    name: &'static str,
    lane: Lane,
    from: usize,
    to: usize,
    amount: u32,
    /// Unequal: two that give up at the same moment, and try again at the same moment,
    /// would do so for ever (*livelock*).
    patience: Duration,
}

impl Clerk {
    /// The span lasts as long as the clerk waits for its second lock.
    fn asks_for_second(&self) -> Span {
        let (held, wanted) = (NAMES[self.from], NAMES[self.to]);
        say!("{}: holds {held}, asks for {wanted}", self.name);
        self.lane
            .blocked(format!("holds {held}, waits for {wanted}"))
    }
}

fn clerks(lesson: &Lesson, names: [&'static str; 2]) -> [Clerk; 2] {
    let clerk = |from: usize, to, amount, patience| Clerk {
        name: names[from],
        lane: lesson.lane(names[from]),
        from,
        to,
        amount,
        patience: timing::seconds(patience),
    };
    [clerk(0, 1, 30, 2.0), clerk(1, 0, 50, 4.0)]
}

/// Clerks 3 and 4, each on a thread of its own, try until their transfers are done. They
/// are given their accounts, and a place to meet at their first attempts. A clerk that has
/// given up pauses, so that the other one gets its turn.
fn both(
    lesson: &Lesson,
    transfer: impl Fn(&Clerk, &Account, &Account, &dyn Fn()) -> Result<(), Refusal> + Sync,
) -> Bank {
    let bank = [Account::new(100), Account::new(100)];
    let both_here = Barrier::new(2);
    let work = |clerk: Clerk| {
        let (name, from, to) = (clerk.name, NAMES[clerk.from], NAMES[clerk.to]);
        let mut first_attempt = true;
        loop {
            let meet = || {
                if first_attempt {
                    both_here.wait();
                }
            };
            match transfer(&clerk, &bank[clerk.from], &bank[clerk.to], &meet) {
                Ok(()) => return say!("{name}: moved {} from {from} to {to}", clerk.amount),
                Err(Refusal::TooSmall(balance)) => return say!("{name}: {from} has {balance}"),
                Err(Refusal::TooLarge(balance)) => return say!("{name}: {to} has {balance}"),
                Err(Refusal::Busy) => say!("{name}: no {to}, lets go of {from}"),
            }
            first_attempt = false;
            let _span = clerk.lane.waiting("pauses");
            thread::sleep(clerk.patience / 4);
        }
    };
    thread::scope(|scope| {
        for clerk in clerks(lesson, ["clerk 3", "clerk 4"]) {
            scope.spawn(|| work(clerk));
        }
    });
    bank
}

fn ending(bank: Bank, removed: &str) -> String {
    let [a, b] = bank.map(Mutex::into_inner);
    format!("A ends at {a}, B at {b}; removed: {removed}")
}
