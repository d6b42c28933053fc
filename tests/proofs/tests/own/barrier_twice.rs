//! A barrier is used twice, and orders both rounds: right.
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

fn main() {
    let (barrier, sum) = (Barrier::new(2), AtomicU32::new(0));
    thread::scope(|scope| {
        for number in 1..=2 {
            let (barrier, sum) = (&barrier, &sum);
            scope.spawn(move || {
                for round in 1..=2 {
                    sum.fetch_add(number, SeqCst);
                    barrier.wait();
                    assert_eq!(sum.load(SeqCst), 3 * round);
                    barrier.wait();
                }
            });
        }
    });
    println!("the sum is {}", sum.into_inner());
}
