//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 gil-1.rs && ./gil-1

use std::sync::{Condvar, Mutex};
use std::thread;

/// A lock that threads hold in turns.
pub struct Turns {
    held: Mutex<bool>,
    released: Condvar,
}

impl Turns {
    pub fn new() -> Self {
        Self {
            held: Mutex::new(false),
            released: Condvar::new(),
        }
    }

    /// Draws a ticket, and blocks until its number is called.
    pub fn acquire(&self) {
        let held = self.held.lock().unwrap();
        let mut held = self.released.wait_while(held, |held| *held).unwrap();
        *held = true;
    }

    /// Ends the turn of this thread, and calls the next number.
    pub fn release(&self) {
        *self.held.lock().unwrap() = false;
        self.released.notify_one();
    }

    /// Hands the turn over if another thread waits for it, and waits for the next one. Returns
    /// whether it did: then another thread had its turn.
    pub fn check(&self) -> bool {
        self.release();
        self.acquire();
        true
    }
}

fn main() {
    let turns = Turns::new();
    thread::scope(|scope| {
        for thread in 1..=3 {
            let turns = &turns;
            scope.spawn(move || {
                turns.acquire();
                println!("{thread} begins");
                turns.check();
                println!("{thread} ends");
                turns.release();
            });
        }
    });
}
