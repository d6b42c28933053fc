//! Each of two threads takes the lock if it is free, and goes on without it if it is not.
use std::sync::{Arc, Mutex};
use std::thread;

fn visit(visits: &Mutex<u32>) {
    if let Ok(mut visits) = visits.try_lock() {
        *visits += 1;
    }
}

fn main() {
    let visits = Arc::new(Mutex::new(0));
    let other = visits.clone();
    let thread = thread::spawn(move || visit(&other));
    visit(&visits);
    thread.join().unwrap();
    println!("{} visits", *visits.lock().unwrap());
}
