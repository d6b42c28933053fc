//! Each raises its flag and then looks at the other's: at least one sees a flag.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

fn main() {
    let flags = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
    let other = flags.clone();
    let thread = thread::spawn(move || {
        other[0].store(true, SeqCst);
        other[1].load(SeqCst)
    });
    flags[1].store(true, SeqCst);
    let seen = [flags[0].load(SeqCst), thread.join().unwrap()];
    assert!(seen[0] || seen[1]);
    println!("{seen:?}");
}
