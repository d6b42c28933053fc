//! A buffer for one value, with a condition for each side: one puts, two take.
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

struct Buffer {
    value: Mutex<Option<u32>>,
    filled: Condvar,
    emptied: Condvar,
}

impl Buffer {
    fn put(&self, value: u32) {
        let mut place = self.value.lock().unwrap();
        while place.is_some() {
            place = self.emptied.wait(place).unwrap();
        }
        *place = Some(value);
        self.filled.notify_one();
    }

    fn take(&self) -> u32 {
        let mut place = self.value.lock().unwrap();
        loop {
            if let Some(value) = place.take() {
                self.emptied.notify_one();
                return value;
            }
            place = self.filled.wait(place).unwrap();
        }
    }
}

fn main() {
    let buffer = Arc::new(Buffer {
        value: Mutex::new(None),
        filled: Condvar::new(),
        emptied: Condvar::new(),
    });
    let takers = [1, 2].map(|_| {
        let buffer = buffer.clone();
        thread::spawn(move || buffer.take())
    });
    (1..=2).for_each(|value| buffer.put(value));
    println!("{:?}", takers.map(|taker| taker.join().unwrap()));
}
