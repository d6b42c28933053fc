//! A reader does not wait for the writer, and a writer does not wait for the reader.
use std::sync::{Arc, RwLock};
use std::thread;

fn main() {
    let value = Arc::new(RwLock::new(1));
    let other = value.clone();
    let reads = thread::spawn(move || other.try_read().map(|value| *value).unwrap_or(0));
    let wrote = match value.try_write() {
        Ok(mut value) => {
            *value = 2;
            true
        }
        Err(_) => false,
    };
    println!("read {}, wrote {wrote}", reads.join().unwrap());
}
