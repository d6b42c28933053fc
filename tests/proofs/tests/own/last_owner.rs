//! The value goes with its last owner, and no one knows beforehand which one that is.
use std::sync::Arc;
use std::thread;

struct Noisy;

impl Drop for Noisy {
    fn drop(&mut self) {
        println!("gone");
    }
}

fn main() {
    let owner = Arc::new(Noisy);
    let other = owner.clone();
    let thread = thread::spawn(move || {
        drop(other);
        println!("thread");
    });
    drop(owner);
    println!("main");
    thread.join().unwrap();
}
