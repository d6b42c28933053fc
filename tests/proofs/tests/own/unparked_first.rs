//! The flag is set behind the `unpark`: the thread finds it down, and parks for good.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

fn main() {
    let ready = Arc::new(AtomicBool::new(false));
    let flag = ready.clone();
    let waits = thread::spawn(move || {
        while !flag.load(SeqCst) {
            thread::park();
        }
    });
    waits.thread().unpark();
    ready.store(true, SeqCst);
    waits.join().unwrap();
    println!("went on");
}
