//! Gives way while it waits for a flag that no thread sets: also in the runs that are left out.
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

static READY: AtomicBool = AtomicBool::new(false);

fn main() {
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| READY.load(SeqCst));
        }
        while !READY.load(SeqCst) {
            // The other threads cannot see this step.
            thread::yield_now();
        }
    });
}
