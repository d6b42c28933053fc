//! Write the three methods, as in before.py: `put` returns when its value has been taken.
//!
//! It also runs as it is: rustc --edition 2024 queue-3.rs && ./queue-3

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;

/// A queue without room: a value goes from hand to hand.
pub struct Handover<T> {
    values: Mutex<VecDeque<T>>,
}

impl<T> Handover<T> {
    pub fn new() -> Self {
        Self {
            values: Mutex::new(VecDeque::new()),
        }
    }

    /// Offers a value, and blocks until it has been taken.
    pub fn put(&self, value: T) {
        self.values.lock().unwrap().push_back(value);
    }

    /// Takes the oldest value. Blocks while none is offered.
    pub fn take(&self) -> T {
        self.try_take().expect("`take`, and nothing is offered")
    }

    /// Takes the oldest value. Does not block: None if none is offered.
    pub fn try_take(&self) -> Option<T> {
        self.values.lock().unwrap().pop_front()
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
