//! The highest of three numbers, each of which is put in by a thread: right.
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

fn main() {
    let highest = Arc::new(AtomicU32::new(0));
    let threads = [3, 1].map(|number| {
        let highest = highest.clone();
        thread::spawn(move || highest.fetch_max(number, SeqCst))
    });
    let main = highest.fetch_max(2, SeqCst);
    let found = threads.map(|thread| thread.join().unwrap());
    println!("found {main} {found:?}");
    assert_eq!(highest.load(SeqCst), 3);
}
