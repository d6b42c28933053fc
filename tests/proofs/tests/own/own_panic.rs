//! A thread panics, which `main` does not mind, and then `main` panics for a reason of its own.
use std::thread;

fn main() {
    let _ = thread::spawn(|| panic!("not so bad")).join();
    assert!(thread::spawn(|| 1).join().unwrap() > 1, "too small");
}
