//! Two write a number and then its flag. `main` looks at both flags, and then at the numbers.
use std::sync::Arc;
use std::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use std::thread;

fn main() {
    let numbers = Arc::new([0, 1, 2, 3].map(|_| AtomicU32::new(0)));
    let writers = [0, 1].map(|me| {
        let numbers = numbers.clone();
        thread::spawn(move || {
            numbers[me].store(1, Relaxed);
            numbers[2 + me].store(1, Release);
        })
    });
    let flags = [2, 3].map(|flag| numbers[flag].load(Acquire));
    let seen = [0, 1].map(|number| numbers[number].load(Relaxed));
    writers.into_iter().for_each(|thread| thread.join().unwrap());
    println!("{flags:?} {seen:?}");
}
