//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 lock-3.rs && ./lock-3

use std::sync::{Condvar, Mutex};
use std::thread;

/// So many threads may be inside at once as it has permits: `threading.Semaphore`.
pub struct Semaphore {
    free: Mutex<u32>,
    released: Condvar,
}

impl Semaphore {
    pub fn new(permits: u32) -> Self {
        Self {
            free: Mutex::new(permits.min(1)),
            released: Condvar::new(),
        }
    }

    /// Blocks until a permit is free, and takes it.
    pub fn acquire(&self) {
        let free = self.free.lock().unwrap();
        let mut free = self.released.wait_while(free, |free| *free == 0).unwrap();
        *free -= 1;
    }

    /// Takes a permit if one is free; whether it has.
    pub fn try_acquire(&self) -> bool {
        let mut free = self.free.lock().unwrap();
        let is_free = *free > 0;
        if is_free {
            *free -= 1;
        }
        is_free
    }

    /// Gives a permit back, or adds one: any thread may do it.
    pub fn release(&self) {
        *self.free.lock().unwrap() += 1;
        self.released.notify_one();
    }
}

fn main() {
    let seats = Semaphore::new(2);
    thread::scope(|scope| {
        for guest in 1..=3 {
            let seats = &seats;
            scope.spawn(move || {
                seats.acquire();
                println!("guest {guest} sits down");
                seats.release();
            });
        }
    });
}
