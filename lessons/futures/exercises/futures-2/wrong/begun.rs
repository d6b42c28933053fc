//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 futures-2.rs && ./futures-2

use std::sync::Mutex;
use std::thread;

/// A value that is made when it is first needed.
pub struct Lazy<T> {
    value: Mutex<Option<T>>,
    begun: Mutex<bool>,
}

impl<T: Clone> Lazy<T> {
    pub fn new() -> Self {
        Self {
            value: Mutex::new(None),
            begun: Mutex::new(false),
        }
    }

    /// The value, if it is there. Does not wait while it is being made.
    pub fn get(&self) -> Option<T> {
        self.value.lock().unwrap().clone()
    }

    /// The value. The first thread that asks makes it; the others wait for it.
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> T {
        let mut begun = self.begun.lock().unwrap();
        if *begun {
            return self.get().expect("the other has made it");
        }
        *begun = true;
        drop(begun);
        let value = make();
        *self.value.lock().unwrap() = Some(value.clone());
        value
    }
}

fn main() {
    let prices = Lazy::new();
    thread::scope(|scope| {
        for clerk in 1..=3 {
            let prices = &prices;
            scope.spawn(move || {
                let price = prices.get_or_init(|| {
                    println!("clerk {clerk} reads the list");
                    500
                });
                println!("clerk {clerk}: {price}");
            });
        }
    });
}
