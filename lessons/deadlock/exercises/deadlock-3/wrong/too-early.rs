//! Find a schedule that ends in a deadlock.
//!
//! It also runs as it is: rustc --edition 2024 deadlock-3.rs && ./deadlock-3

use std::sync::Mutex;
use std::thread;

/// The threads that take the steps, one after the other: `main` is 0.
pub const SCHEDULE: &str = "1221";

/// Adds what is in the first to what is in the second, under both locks.
fn add(first: &Mutex<u32>, second: &Mutex<u32>) {
    let first = first.lock().unwrap();
    let mut second = second.lock().unwrap();
    *second += *first;
}

pub fn main() {
    let (a, b, c) = (Mutex::new(1), Mutex::new(10), Mutex::new(100));
    thread::scope(|scope| {
        scope.spawn(|| {
            add(&a, &b);
            add(&b, &c);
        });
        scope.spawn(|| {
            add(&a, &c);
            add(&c, &b);
        });
    });
    println!("{} {}", b.into_inner().unwrap(), c.into_inner().unwrap());
}
