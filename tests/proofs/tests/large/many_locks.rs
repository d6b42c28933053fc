//! Three move money between three accounts, and lock them in order.
use std::sync::{Arc, Mutex};
use std::thread;

fn transfer(accounts: &[Mutex<i32>; 3], first: usize, second: usize) {
    let mut first = accounts[first].lock().unwrap();
    let mut second = accounts[second].lock().unwrap();
    *first -= 10;
    *second += 10;
}

fn main() {
    let accounts = Arc::new([0, 1, 2].map(|_| Mutex::new(50)));
    let threads = [(0, 1), (1, 2)].map(|(first, second)| {
        let accounts = accounts.clone();
        thread::spawn(move || transfer(&accounts, first, second))
    });
    transfer(&accounts, 0, 2);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    println!("{:?}", [0, 1, 2].map(|place| *accounts[place].lock().unwrap()));
}
