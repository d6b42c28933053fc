//! First the data, then the flag: who sees the flag sees the data. Right.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;

fn main() {
    let shared = Arc::new((AtomicU32::new(0), AtomicBool::new(false)));
    let other = shared.clone();
    let thread = thread::spawn(move || {
        other.0.store(42, SeqCst);
        other.1.store(true, SeqCst);
    });
    if shared.1.load(SeqCst) {
        println!("{}", shared.0.load(SeqCst));
    }
    thread.join().unwrap();
}
