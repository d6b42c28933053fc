//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 race-4.rs && ./race-4

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

/// Values that are made when they are first asked for, each once.
pub struct Cache {
    values: Mutex<BTreeMap<u32, u32>>,
}

impl Cache {
    pub fn new() -> Self {
        Self {
            values: Mutex::default(),
        }
    }

    /// The value of this key. Without one it is made, which is slow; a thread that asks meanwhile
    /// waits for it.
    pub fn get(&self, key: u32, make: impl FnOnce() -> u32) -> u32 {
        let value = self.values.lock().unwrap().get(&key).copied();
        if let Some(value) = value {
            return value;
        }
        let value = make();
        *self.values.lock().unwrap().entry(key).or_insert(value)
    }
}

fn main() {
    let cache = Cache::new();
    let square = |number| {
        println!("computes the square of {number}");
        number * number
    };
    thread::scope(|scope| {
        for number in [7, 7, 8] {
            let cache = &cache;
            scope.spawn(move || println!("{number}: {}", cache.get(number, || square(number))));
        }
    });
}
