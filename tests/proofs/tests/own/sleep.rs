//! A sleep orders nothing.
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

static RESULT: AtomicU32 = AtomicU32::new(0);

fn main() {
    let computes = thread::spawn(|| RESULT.store(42, SeqCst));
    thread::sleep(Duration::from_secs(1));
    println!("the result is {}", RESULT.load(SeqCst));
    computes.join().unwrap();
}
