//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 executors-2.rs && ./executors-2

use std::sync::{Condvar, Mutex};
use std::thread;

/// Where a number of threads meet, again and again.
struct Barrier {
    threads: usize,
    /// How many have arrived in this round, and how many rounds are over.
    state: Mutex<(usize, usize)>,
    all_are_there: Condvar,
}

impl Barrier {
    fn new(threads: usize) -> Self {
        Self {
            threads,
            state: Mutex::new((0, 0)),
            all_are_there: Condvar::new(),
        }
    }

    /// Waits until all threads are here.
    fn wait(&self) {
        let mut state = self.state.lock().unwrap();
        let (arrived, round) = *state;
        if arrived + 1 == self.threads {
            *state = (0, round + 1);
            self.all_are_there.notify_one();
        } else {
            state.0 += 1;
            while state.1 == round {
                state = self.all_are_there.wait(state).unwrap();
            }
        }
    }
}

/// Calls `work(thread, round)` in so many threads and rounds. A round begins when all threads
/// have done the one before; in a round they work at the same time.
pub fn in_rounds(threads: usize, rounds: usize, work: impl Fn(usize, usize) + Sync) {
    let (barrier, work) = (&Barrier::new(threads), &work);
    thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for round in 0..rounds {
                    work(thread, round);
                    barrier.wait();
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
