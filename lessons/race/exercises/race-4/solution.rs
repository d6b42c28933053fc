//! The lock of the map finds the cell of a key; the cell sees that one thread fills it.
//!
//! It also runs as it is: rustc --edition 2024 race-4.rs && ./race-4

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

/// Values that are made when they are first asked for, each once.
pub struct Cache {
    values: Mutex<BTreeMap<u32, Arc<OnceLock<u32>>>>,
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
        let cell = Arc::clone(self.values.lock().unwrap().entry(key).or_default());
        *cell.get_or_init(make)
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
