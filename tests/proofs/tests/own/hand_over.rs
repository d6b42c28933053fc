//! The next lock is taken before the last one is released: no thread overtakes another. Right.
use std::sync::{Arc, Mutex};
use std::thread;

fn walk(places: &[Mutex<Vec<u32>>; 2], me: u32) {
    let mut first = places[0].lock().unwrap();
    first.push(me);
    let mut second = places[1].lock().unwrap();
    drop(first);
    second.push(me);
}

fn main() {
    let places = Arc::new([Mutex::new(Vec::new()), Mutex::new(Vec::new())]);
    let other = places.clone();
    let thread = thread::spawn(move || walk(&other, 1));
    walk(&places, 2);
    thread.join().unwrap();
    let [first, second] = [0, 1].map(|place| places[place].lock().unwrap().clone());
    assert_eq!(first, second);
    println!("{first:?}");
}
