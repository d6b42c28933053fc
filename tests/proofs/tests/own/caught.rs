//! A panic that the thread catches itself. Its lock is poisoned all the same.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

fn main() {
    let visits = Arc::new(Mutex::new(0));
    let other = visits.clone();
    let thread = thread::spawn(move || {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            *other.lock().unwrap() += 1;
            let _held = other.lock().unwrap();
            panic!("for a moment");
        }));
        caught.is_err()
    });
    let seen = visits.lock();
    println!("poisoned: {}", seen.is_err());
    drop(seen.unwrap_or_else(PoisonError::into_inner));
    println!("caught: {}", thread.join().unwrap());
}
