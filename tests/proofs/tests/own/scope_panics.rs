//! `main` panics in a scope while a thread of the scope is still at work: that one is waited for.
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

fn main() {
    let arrived = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| arrived.store(true, SeqCst));
        assert!(arrived.load(SeqCst), "nothing has arrived");
    });
    println!("it has arrived");
}
