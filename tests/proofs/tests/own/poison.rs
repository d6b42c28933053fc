//! A thread panics while it holds the lock: those that come later are told.
use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    let balance = Arc::new(Mutex::new(100));
    let other = balance.clone();
    let thread = thread::spawn(move || {
        let mut balance = other.lock().unwrap();
        *balance -= 30;
        panic!("half-way");
    });
    match balance.lock() {
        Ok(balance) => println!("{balance}"),
        Err(poisoned) => println!("{}, and poisoned", poisoned.into_inner()),
    }
    assert!(thread.join().is_err());
}
