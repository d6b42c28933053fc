//! A lock that is held in the order of the tickets: right.
use std::hint;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

static NEXT: AtomicU32 = AtomicU32::new(0);
static SERVED: AtomicU32 = AtomicU32::new(0);
static INSIDE: AtomicU32 = AtomicU32::new(0);

fn visit() {
    let ticket = NEXT.fetch_add(1, SeqCst);
    while SERVED.load(SeqCst) != ticket {
        hint::spin_loop();
    }
    assert_eq!(INSIDE.fetch_add(1, SeqCst), 0, "two inside");
    INSIDE.fetch_sub(1, SeqCst);
    SERVED.fetch_add(1, SeqCst);
}

fn main() {
    let threads = [thread::spawn(visit), thread::spawn(visit)];
    for thread in threads {
        thread.join().unwrap();
    }
    println!("both were inside");
}
