//! A lock that is waited for in a loop: right.
use std::hint;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;

fn visit(locked: &AtomicBool, visits: &AtomicU32) {
    while locked.swap(true, SeqCst) {
        hint::spin_loop();
    }
    visits.store(visits.load(SeqCst) + 1, SeqCst);
    locked.store(false, SeqCst);
}

fn main() {
    let shared = Arc::new((AtomicBool::new(false), AtomicU32::new(0)));
    let other = shared.clone();
    let thread = thread::spawn(move || visit(&other.0, &other.1));
    visit(&shared.0, &shared.1);
    thread.join().unwrap();
    println!("{} visits", shared.1.load(SeqCst));
}
