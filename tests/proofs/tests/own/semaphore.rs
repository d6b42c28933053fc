//! A semaphore of a lock and a condition, with one permit for two threads: right.
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

struct Semaphore {
    permits: Mutex<u32>,
    released: Condvar,
    inside: AtomicU32,
}

fn visit(semaphore: &Semaphore, name: &str) {
    let mut permits = semaphore.permits.lock().unwrap();
    while *permits == 0 {
        permits = semaphore.released.wait(permits).unwrap();
    }
    *permits -= 1;
    drop(permits);
    assert_eq!(semaphore.inside.swap(1, SeqCst), 0, "two inside");
    println!("{name}");
    semaphore.inside.store(0, SeqCst);
    *semaphore.permits.lock().unwrap() += 1;
    semaphore.released.notify_one();
}

fn main() {
    let semaphore = Arc::new(Semaphore {
        permits: Mutex::new(1),
        released: Condvar::new(),
        inside: AtomicU32::new(0),
    });
    let other = semaphore.clone();
    let thread = thread::spawn(move || visit(&other, "thread"));
    visit(&semaphore, "main");
    thread.join().unwrap();
}
