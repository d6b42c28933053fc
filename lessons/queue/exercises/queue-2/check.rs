//! The judge of queue-2.

mod yours;

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use yours::Queue;

/// A clerk waits, and nothing comes.
pub fn one_clerk() {
    let queue = Queue::<u32>::new();
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(queue.get(), None, "a value that was never put"));
        queue.close();
    });
    assert_eq!(queue.get(), None, "the queue has another end after its end");
}

/// So do two.
pub fn two_clerks() {
    let queue = Queue::<u32>::new();
    thread::scope(|scope| {
        for _ in 1..=2 {
            scope.spawn(|| assert_eq!(queue.get(), None, "a value that was never put"));
        }
        queue.close();
    });
}

/// What was put before the end is booked.
pub fn the_last_sales() {
    let queue = Queue::new();
    let booked = thread::scope(|scope| {
        let clerk = scope.spawn(|| [(); 3].map(|()| queue.get()));
        queue.put(70);
        queue.put(80);
        queue.close();
        clerk.join().unwrap()
    });
    let expected = [Some(70), Some(80), None];
    assert_eq!(booked, expected, "what a clerk gets of 70, 80 and the end");
}

/// The queue is open, and has a value.
pub fn before_the_end() {
    let (queue, booked) = (Queue::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(queue.get(), Some(70), "70 was put before the end");
            booked.store(true, SeqCst);
        });
        queue.put(70);
        if booked.load(SeqCst) {
            println!("booked before the end");
        }
        queue.close();
    });
}

/// One clerk gets the value, the other one the end.
pub fn one_sale_for_two() {
    let queue = Queue::new();
    let booked = thread::scope(|scope| {
        let clerks = [(); 2].map(|()| scope.spawn(|| queue.get()));
        queue.put(70);
        queue.close();
        clerks.map(|clerk| clerk.join().unwrap())
    });
    let booked = booked.iter().flatten().count();
    assert_eq!(booked, 1, "one sale is booked {booked} times");
}
