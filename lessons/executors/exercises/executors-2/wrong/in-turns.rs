//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 executors-2.rs && ./executors-2

use std::sync::{Condvar, Mutex};
use std::thread;

/// Whose turn it is: all turns are counted.
struct Turns {
    turn: Mutex<usize>,
    next: Condvar,
}

impl Turns {
    fn take(&self, mine: usize, work: impl FnOnce()) {
        let mut turn = self.turn.lock().unwrap();
        while *turn != mine {
            turn = self.next.wait(turn).unwrap();
        }
        work();
        *turn += 1;
        self.next.notify_all();
    }
}

/// Calls `work(thread, round)` in so many threads and rounds. A round begins when all threads
/// have done the one before; in a round they work at the same time.
pub fn in_rounds(threads: usize, rounds: usize, work: impl Fn(usize, usize) + Sync) {
    let (turns, work) = (
        &Turns {
            turn: Mutex::new(0),
            next: Condvar::new(),
        },
        &work,
    );
    thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for round in 0..rounds {
                    turns.take(round * threads + thread, || work(thread, round));
                }
            });
        }
    });
}

fn main() {
    in_rounds(2, 3, |thread, round| {
        println!("round {round}: thread {thread}")
    });
}
