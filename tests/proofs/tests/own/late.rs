//! `main` returns an error if the thread was not fast enough.
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

fn main() -> Result<(), String> {
    let done = Arc::new(AtomicU32::new(0));
    let other = done.clone();
    let thread = thread::spawn(move || {
        other.fetch_add(1, SeqCst);
        other.fetch_add(1, SeqCst);
    });
    let seen = done.load(SeqCst);
    thread.join().unwrap();
    match seen {
        2 => Ok(()),
        _ => Err(format!("{seen} of 2 done")),
    }
}
