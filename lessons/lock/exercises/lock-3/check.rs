//! The judge of lock-3.

mod yours;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use yours::Semaphore;

/// Two threads come to so many permits: how many are inside at once, at most.
fn at_once(permits: u32) -> u32 {
    let (semaphore, inside) = (&Semaphore::new(permits), &AtomicU32::new(0));
    let visit = move || {
        semaphore.acquire();
        let others = inside.fetch_add(1, SeqCst);
        inside.fetch_sub(1, SeqCst);
        semaphore.release();
        others + 1
    };
    thread::scope(|scope| {
        let most = [scope.spawn(visit), scope.spawn(visit)].map(|visitor| visitor.join().unwrap());
        most[0].max(most[1])
    })
}

/// Two threads, and one permit.
pub fn one_permit() {
    let most = at_once(1);
    assert!(most == 1, "{most} are inside at once, with one permit");
}

/// Two threads, and two permits.
pub fn two_permits() {
    if at_once(2) == 2 {
        println!("two inside");
    }
}

/// Three threads try to take one of two permits.
pub fn three_try() {
    let semaphore = &Semaphore::new(2);
    let took = thread::scope(|scope| {
        [(); 3]
            .map(|()| scope.spawn(|| semaphore.try_acquire()))
            .map(|thread| thread.join().unwrap())
    });
    assert!(took != [true; 3], "two permits are taken three times");
    assert!(took != [false; 3], "a free permit is not taken");
}

/// It takes what is free, and never waits.
pub fn tries() {
    let semaphore = &Semaphore::new(1);
    assert!(semaphore.try_acquire(), "a free permit is not taken");
    assert!(!semaphore.try_acquire(), "one permit is taken twice");
    semaphore.release();
    assert!(semaphore.try_acquire(), "a released permit is not taken");
}

/// Two threads wait, and two permits come, one after the other.
pub fn two_come() {
    let semaphore = &Semaphore::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| semaphore.acquire());
        }
        semaphore.release();
        semaphore.release();
    });
    let third = semaphore.try_acquire();
    assert!(!third, "two permits are taken three times");
}
