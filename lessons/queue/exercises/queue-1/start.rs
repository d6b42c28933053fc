//! Write `put` and `get`, as in before.py: with them, tills and clerks share a bounded buffer.
//!
//! It also runs as it is: rustc --edition 2024 queue-1.rs && ./queue-1

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;

/// A queue with room for a few values.
pub struct Buffer<T> {
    values: Mutex<VecDeque<T>>,
}

impl<T> Buffer<T> {
    /// A buffer for at most `room` values.
    pub fn new(room: usize) -> Self {
        Self {
            values: Mutex::new(VecDeque::with_capacity(room)),
        }
    }

    /// Puts a value in. Blocks while the buffer is full.
    pub fn put(&self, value: T) {
        self.values.lock().unwrap().push_back(value);
    }

    /// Takes the oldest value out. Blocks while the buffer is empty.
    pub fn get(&self) -> T {
        let value = self.values.lock().unwrap().pop_front();
        value.expect("`get` from an empty buffer")
    }
}

fn main() {
    let buffer = Buffer::new(2);
    thread::scope(|scope| {
        scope.spawn(|| (1..=5).for_each(|sale| buffer.put(sale)));
        for _ in 1..=5 {
            println!("sale {} is booked", buffer.get());
        }
    });
}
