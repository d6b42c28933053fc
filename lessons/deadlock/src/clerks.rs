//! What is around the transfers of this lesson: the clerks that make them, their rows in
//! the timeline, and the search for a circle.

use std::cell::Cell;
use std::sync::Barrier;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::deadlock;
use timing::{Lane, Lesson, Span, say};

use crate::transfer::Account;
use crate::try_transfer::Refusal;

/// The accounts A and B, in this order in memory.
pub type Bank = [Account; 2];
const NAMES: [&str; 2] = ["A", "B"];

/// A clerk has one transfer to make.
pub struct Clerk {
    pub name: &'static str,
    pub from: usize,
    pub to: usize,
    pub amount: u32,
    /// Unequal: two clerks that give up at the same moment, and try again at the same
    /// moment, could do so without end (*livelock*).
    pub patience: Duration,
    lane: Lane,
    /// What the clerk does now, in the timeline.
    now: Cell<Option<Span>>,
}

impl Clerk {
    /// From here on the clerk waits for its second lock.
    pub fn asks_for_second(&self) {
        let (held, wanted) = (NAMES[self.from], NAMES[self.to]);
        say!("{}: holds {held}, asks for {wanted}", self.name);
        self.waits(format!("holds {held}, waits for {wanted}"));
    }

    pub fn waits(&self, what: impl Into<String>) {
        self.stops();
        self.now.set(Some(self.lane.blocked(what.into())));
    }

    pub fn holds(&self, what: &'static str) {
        self.stops();
        self.now.set(Some(self.lane.holding(what)));
    }

    fn stops(&self) {
        self.now.set(None);
    }

    /// What the clerk does in a deadlock.
    pub fn note(&self) -> String {
        let (held, wanted) = (NAMES[self.from], NAMES[self.to]);
        format!("{} holds {held} and waits for {wanted}", self.name)
    }
}

/// The first moves 30 from A to B, the second 50 from B to A.
pub fn clerks(lesson: &Lesson, names: [&'static str; 2]) -> [Clerk; 2] {
    let clerk = |from: usize, to, amount, patience| Clerk {
        name: names[from],
        from,
        to,
        amount,
        patience: timing::seconds(patience),
        lane: lesson.lane(names[from]),
        now: Cell::new(None),
    };
    [clerk(0, 1, 30, 2.0), clerk(1, 0, 50, 4.0)]
}

/// Clerks 3 and 4, each on a thread of its own, try until both transfers are done.
///
/// `transfer` gets the clerk, its two accounts, and `meet`: at the first attempt, `meet`
/// waits until the other clerk is there as well. After a failed attempt a clerk pauses,
/// so that the other one can take the lock that was released.
pub fn both(
    lesson: &Lesson,
    transfer: impl Fn(&Clerk, &Account, &Account, &dyn Fn()) -> Result<(), Refusal> + Sync,
) -> Bank {
    let bank = [Account::new(100), Account::new(100)];
    let both_here = Barrier::new(2);
    let work = |clerk: Clerk| {
        let (name, from, to) = (clerk.name, NAMES[clerk.from], NAMES[clerk.to]);
        for attempt in 1.. {
            let meet = || {
                if attempt == 1 {
                    both_here.wait();
                }
            };
            let outcome = transfer(&clerk, &bank[clerk.from], &bank[clerk.to], &meet);
            clerk.stops();
            match outcome {
                Ok(()) => return say!("{name}: moved {} from {from} to {to}", clerk.amount),
                Err(Refusal::Busy) => say!("{name}: no {to}, releases {from}"),
                Err(refusal) => return say!("{name}: refused, {refusal:?}"),
            }
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

/// Asks the detector once a second. It reports each circle once, and does not see threads
/// that wait with a time limit.
pub fn find_circle() -> Result<Vec<ThreadId>, &'static str> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        thread::sleep(timing::seconds(1.0));
        if let Some(circle) = deadlock::check_deadlock().pop() {
            return Ok(circle.iter().map(|thread| thread.thread_id()).collect());
        }
    }
    Err("the detector has found no deadlock in 20 s")
}
