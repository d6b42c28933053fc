//! Waits for a flag that no thread sets.
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

static READY: AtomicBool = AtomicBool::new(false);

fn main() {
    let waits = thread::spawn(|| while !READY.load(SeqCst) {});
    READY.load(SeqCst);
    waits.join().unwrap();
}
