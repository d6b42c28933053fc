//! A reader sees both values of a pair as they were, or both as they are: right.
use std::sync::{Arc, RwLock};
use std::thread;

fn main() {
    let pair = Arc::new(RwLock::new((1, 1)));
    let other = pair.clone();
    let writes = thread::spawn(move || {
        let mut pair = other.write().unwrap();
        pair.0 = 2;
        pair.1 = 2;
    });
    let other = pair.clone();
    let reads = thread::spawn(move || other.read().unwrap().0);
    let (left, right) = *pair.read().unwrap();
    assert_eq!(left, right);
    println!("{left} {}", reads.join().unwrap());
    writes.join().unwrap();
}
