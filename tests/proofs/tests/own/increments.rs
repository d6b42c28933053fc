//! Read, add and write, in two steps: an increment may be lost.
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

fn main() {
    let count = Arc::new(AtomicU32::new(0));
    let threads = [1, 10].map(|number| {
        let count = count.clone();
        thread::spawn(move || count.store(count.load(SeqCst) + number, SeqCst))
    });
    for thread in threads {
        thread.join().unwrap();
    }
    println!("{}", count.load(SeqCst));
}
