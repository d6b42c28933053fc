//! The clerks do not go home when the queue is closed. Repair `close` and what belongs to it.
//!
//! It also runs as it is: rustc --edition 2024 queue-2.rs && ./queue-2

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::thread;

/// A queue that has an end.
pub struct Queue<T> {
    values: Mutex<VecDeque<T>>,
    closed: AtomicBool,
    changed: Condvar,
}

impl<T> Queue<T> {
    pub fn new() -> Self {
        Self {
            values: Mutex::new(VecDeque::new()),
            closed: AtomicBool::new(false),
            changed: Condvar::new(),
        }
    }

    /// Puts a value in. Must not be called after `close`.
    pub fn put(&self, value: T) {
        self.values.lock().unwrap().push_back(value);
        self.changed.notify_one();
    }

    /// No more values will come.
    pub fn close(&self) {
        self.closed.store(true, SeqCst);
        self.changed.notify_one();
    }

    /// Takes the oldest value. Blocks while there is none; None when the queue is closed and
    /// empty.
    pub fn get(&self) -> Option<T> {
        let mut values = self.values.lock().unwrap();
        while values.is_empty() && !self.closed.load(SeqCst) {
            values = self.changed.wait(values).unwrap();
        }
        values.pop_front()
    }
}

fn main() {
    let queue = Queue::new();
    thread::scope(|scope| {
        for clerk in 1..=2 {
            let queue = &queue;
            scope.spawn(move || {
                while let Some(sale) = queue.get() {
                    println!("clerk {clerk} books {sale}");
                }
            });
        }
        (1..=5).for_each(|sale| queue.put(sale));
        queue.close();
    });
}
