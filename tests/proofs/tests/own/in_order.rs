//! The same, but both lock the accounts in the same order: right.
use std::sync::{Arc, Mutex};
use std::thread;

fn transfer(accounts: &[Mutex<i32>; 2], amount: i32) {
    let mut first = accounts[0].lock().unwrap();
    let mut second = accounts[1].lock().unwrap();
    *first -= amount;
    *second += amount;
    println!("{} {}", *first, *second);
}

fn main() {
    let accounts = Arc::new([Mutex::new(50), Mutex::new(50)]);
    let other = accounts.clone();
    let thread = thread::spawn(move || transfer(&other, 10));
    transfer(&accounts, -20);
    thread.join().unwrap();
}
