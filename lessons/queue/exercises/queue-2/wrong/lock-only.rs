//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 queue-2.rs && ./queue-2

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread;

/// A queue that has an end.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    values: VecDeque<T>,
    closed: bool,
}

impl<T> Queue<T> {
    pub fn new() -> Self {
        Self {
            state: Mutex::new(State {
                values: VecDeque::new(),
                closed: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Puts a value in. Must not be called after `close`.
    pub fn put(&self, value: T) {
        self.state.lock().unwrap().values.push_back(value);
        self.changed.notify_one();
    }

    /// No more values will come.
    pub fn close(&self) {
        self.state.lock().unwrap().closed = true;
        self.changed.notify_one();
    }

    /// Takes the oldest value. Blocks while there is none; None when the queue is closed and
    /// empty.
    pub fn get(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        while state.values.is_empty() && !state.closed {
            state = self.changed.wait(state).unwrap();
        }
        state.values.pop_front()
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
