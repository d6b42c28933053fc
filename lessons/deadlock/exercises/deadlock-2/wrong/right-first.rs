//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 deadlock-2.rs && ./deadlock-2

use std::sync::Mutex;
use std::thread;

/// A round table: a fork lies between each two philosophers.
pub struct Table {
    forks: Vec<Mutex<()>>,
}

impl Table {
    /// A table with two seats or more.
    pub fn new(seats: usize) -> Self {
        Self {
            forks: (0..seats).map(|_| Mutex::new(())).collect(),
        }
    }

    /// The philosopher in this seat takes the fork on the left and the one on the right, eats, and
    /// puts both back.
    pub fn dine(&self, seat: usize, eat: impl FnOnce()) {
        let _right = self.forks[(seat + 1) % self.forks.len()].lock().unwrap();
        let _left = self.forks[seat].lock().unwrap();
        eat();
    }
}

fn main() {
    let table = Table::new(3);
    thread::scope(|scope| {
        for seat in 0..3 {
            let table = &table;
            scope.spawn(move || table.dine(seat, || println!("{seat} eats")));
        }
    });
}
