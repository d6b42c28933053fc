//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 queue-3.rs && ./queue-3

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread;

/// A queue without room: a value goes from hand to hand.
pub struct Handover<T> {
    offers: Mutex<Offers<T>>,
    changed: Condvar,
}

struct Offers<T> {
    values: VecDeque<T>,
    taken: usize,
}

impl<T> Handover<T> {
    pub fn new() -> Self {
        Self {
            offers: Mutex::new(Offers {
                values: VecDeque::new(),
                taken: 0,
            }),
            changed: Condvar::new(),
        }
    }

    /// Offers a value, and blocks until it has been taken.
    pub fn put(&self, value: T) {
        let mut offers = self.offers.lock().unwrap();
        offers.values.push_back(value);
        let number = offers.taken + offers.values.len();
        self.changed.notify_all();
        while offers.taken < number {
            offers = self.changed.wait(offers).unwrap();
        }
    }

    /// Takes the oldest value. Blocks while none is offered.
    pub fn take(&self) -> T {
        let mut offers = self.offers.lock().unwrap();
        while offers.values.is_empty() {
            offers = self.changed.wait(offers).unwrap();
        }
        offers.taken += 1;
        self.changed.notify_all();
        offers.values.pop_front().expect("a value is offered")
    }

    /// Takes the oldest value. Does not block: None if none is offered.
    pub fn try_take(&self) -> Option<T> {
        let mut offers = self.offers.lock().unwrap();
        // A clerk that waits comes first: one value stays for it.
        if offers.values.len() < 2 {
            return None;
        }
        let value = offers.values.pop_front()?;
        offers.taken += 1;
        self.changed.notify_all();
        Some(value)
    }
}

fn main() {
    let handover = Handover::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            for sale in 1..=3 {
                handover.put(sale);
                println!("the till knows that {sale} is taken");
            }
        });
        for _ in 1..=3 {
            println!("the clerk takes {}", handover.take());
        }
    });
}
