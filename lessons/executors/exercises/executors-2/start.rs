//! The threads meet after each round, but a fast one can be too fast. Repair `Barrier`.
//!
//! It also runs as it is, mostly: rustc --edition 2024 executors-2.rs && ./executors-2

use std::sync::{Condvar, Mutex};
use std::thread;

/// Where a number of threads meet, again and again.
struct Barrier {
    threads: usize,
    arrived: Mutex<usize>,
    all_are_there: Condvar,
}

impl Barrier {
    fn new(threads: usize) -> Self {
        Self {
            threads,
            arrived: Mutex::new(0),
            all_are_there: Condvar::new(),
        }
    }

    /// Waits until all threads are here.
    fn wait(&self) {
        let mut arrived = self.arrived.lock().unwrap();
        *arrived += 1;
        if *arrived == self.threads {
            *arrived = 0;
            self.all_are_there.notify_all();
        } else {
            while *arrived != 0 {
                arrived = self.all_are_there.wait(arrived).unwrap();
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
