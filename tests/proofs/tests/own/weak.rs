//! What a `Weak` refers to may be gone, or not yet.
use std::sync::Arc;
use std::thread;

fn main() {
    let value = Arc::new(7);
    let weak = Arc::downgrade(&value);
    let thread = thread::spawn(move || weak.upgrade());
    drop(value);
    println!("{:?}", thread.join().unwrap());
}
