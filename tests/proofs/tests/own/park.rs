//! A thread parks until the flag is up. An `unpark` that comes too early is kept: right.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

fn main() {
    let ready = Arc::new(AtomicBool::new(false));
    let flag = ready.clone();
    let waits = thread::spawn(move || {
        let mut times = 0;
        while !flag.load(SeqCst) {
            thread::park();
            times += 1;
        }
        times
    });
    ready.store(true, SeqCst);
    waits.thread().unpark();
    println!("parked {} times", waits.join().unwrap());
}
