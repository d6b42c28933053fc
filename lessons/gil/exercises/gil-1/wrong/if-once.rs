//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 gil-1.rs && ./gil-1

use std::sync::{Condvar, Mutex};
use std::thread;

/// A lock that threads hold in turns.
pub struct Turns {
    tickets: Mutex<Tickets>,
    called: Condvar,
}

/// The number of the next ticket, and the number whose turn it is.
struct Tickets {
    next: u32,
    called: u32,
}

impl Turns {
    pub fn new() -> Self {
        Self {
            tickets: Mutex::new(Tickets { next: 0, called: 0 }),
            called: Condvar::new(),
        }
    }

    /// Draws a ticket, and blocks until its number is called.
    pub fn acquire(&self) {
        let mut tickets = self.tickets.lock().unwrap();
        let mine = tickets.next;
        tickets.next += 1;
        if tickets.called != mine {
            tickets = self.called.wait(tickets).unwrap();
        }
    }

    /// Ends the turn of this thread, and calls the next number.
    pub fn release(&self) {
        self.tickets.lock().unwrap().called += 1;
        self.called.notify_all();
    }

    /// Hands the turn over if another thread waits for it, and waits for the next one. Returns
    /// whether it did: then another thread had its turn.
    pub fn check(&self) -> bool {
        let tickets = self.tickets.lock().unwrap();
        let waits = tickets.next - tickets.called > 1;
        drop(tickets);
        if waits {
            self.release();
            self.acquire();
        }
        waits
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
