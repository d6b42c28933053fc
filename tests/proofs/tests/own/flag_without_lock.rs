//! The flag is set without the lock: the call may come between the check and the wait.
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

struct Door {
    open: AtomicBool,
    lock: Mutex<()>,
    opened: Condvar,
}

fn main() {
    let door = Arc::new(Door {
        open: AtomicBool::new(false),
        lock: Mutex::new(()),
        opened: Condvar::new(),
    });
    let other = door.clone();
    let waits = thread::spawn(move || {
        let mut guard = other.lock.lock().unwrap();
        while !other.open.load(SeqCst) {
            guard = other.opened.wait(guard).unwrap();
        }
        println!("inside");
    });
    door.open.store(true, SeqCst);
    door.opened.notify_one();
    waits.join().unwrap();
}
