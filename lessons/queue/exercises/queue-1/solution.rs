//! Each side looks again after it has been woken, and wakes one of the other side.
//!
//! It also runs as it is: rustc --edition 2024 queue-1.rs && ./queue-1

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread;

/// A queue with room for a few values.
pub struct Buffer<T> {
    room: usize,
    values: Mutex<VecDeque<T>>,
    not_full: Condvar,
    not_empty: Condvar,
}

impl<T> Buffer<T> {
    /// A buffer for at most `room` values.
    pub fn new(room: usize) -> Self {
        Self {
            room,
            values: Mutex::new(VecDeque::new()),
            not_full: Condvar::new(),
            not_empty: Condvar::new(),
        }
    }

    /// Puts a value in. Blocks while the buffer is full.
    pub fn put(&self, value: T) {
        let mut values = self.values.lock().unwrap();
        while values.len() == self.room {
            values = self.not_full.wait(values).unwrap();
        }
        values.push_back(value);
        self.not_empty.notify_one();
    }

    /// Takes the oldest value out. Blocks while the buffer is empty.
    pub fn get(&self) -> T {
        let mut values = self.values.lock().unwrap();
        while values.is_empty() {
            values = self.not_empty.wait(values).unwrap();
        }
        self.not_full.notify_one();
        values.pop_front().expect("a value is there")
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
