//! First the flag, then the data: wrong.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;

fn main() {
    let shared = Arc::new((AtomicU32::new(0), AtomicBool::new(false)));
    let other = shared.clone();
    let thread = thread::spawn(move || {
        other.1.store(true, SeqCst);
        other.0.store(42, SeqCst);
    });
    if shared.1.load(SeqCst) {
        assert_eq!(shared.0.load(SeqCst), 42, "not there yet");
    }
    thread.join().unwrap();
}
