//! Two transfers in opposite directions, each locks where the money comes from first.
use std::sync::{Arc, Mutex};
use std::thread;

fn transfer(from: &Mutex<i32>, to: &Mutex<i32>) {
    let mut from = from.lock().unwrap();
    let mut to = to.lock().unwrap();
    *from -= 10;
    *to += 10;
}

fn main() {
    let accounts = Arc::new([Mutex::new(50), Mutex::new(50)]);
    let other = accounts.clone();
    let thread = thread::spawn(move || transfer(&other[0], &other[1]));
    transfer(&accounts[1], &accounts[0]);
    thread.join().unwrap();
    println!("done");
}
