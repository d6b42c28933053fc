//! `main` does not wait for its thread, which may come to its line or not.
use std::thread;

fn main() {
    thread::spawn(|| println!("thread"));
    println!("main");
}
