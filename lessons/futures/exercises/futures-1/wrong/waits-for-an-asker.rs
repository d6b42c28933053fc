//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 futures-1.rs && ./futures-1

use std::sync::{Condvar, Mutex};
use std::thread;

/// A result that may not be there yet.
pub struct Promise<T> {
    result: Mutex<Option<T>>,
    set: Condvar,
    asked: Mutex<bool>,
    asks: Condvar,
}

impl<T: Clone> Promise<T> {
    pub fn new() -> Self {
        Self {
            result: Mutex::new(None),
            set: Condvar::new(),
            asked: Mutex::new(false),
            asks: Condvar::new(),
        }
    }

    /// Sets the result. Does not block.
    ///
    /// # Errors
    ///
    /// The value, if there is a result already.
    pub fn set_result(&self, value: T) -> Result<(), T> {
        if self.done() {
            return Err(value);
        }
        let mut asked = self.asked.lock().unwrap();
        while !*asked {
            asked = self.asks.wait(asked).unwrap();
        }
        let mut result = self.result.lock().unwrap();
        if result.is_some() {
            return Err(value);
        }
        *result = Some(value);
        self.set.notify_all();
        Ok(())
    }

    /// The result. Blocks until there is one. Any number of threads may ask, at any time.
    pub fn result(&self) -> T {
        *self.asked.lock().unwrap() = true;
        self.asks.notify_all();
        let mut result = self.result.lock().unwrap();
        loop {
            if let Some(value) = &*result {
                return value.clone();
            }
            result = self.set.wait(result).unwrap();
        }
    }

    /// Whether there is a result.
    pub fn done(&self) -> bool {
        self.result.lock().unwrap().is_some()
    }
}

fn main() {
    let promise = Promise::new();
    thread::scope(|scope| {
        for customer in 1..=2 {
            let promise = &promise;
            scope.spawn(move || println!("customer {customer} gets {}", promise.result()));
        }
        promise.set_result("the letter").unwrap();
    });
}
