//! Each execution begins with the static as it was compiled: right.
use std::sync::Mutex;
use std::thread;

static NAMES: Mutex<Vec<&str>> = Mutex::new(Vec::new());

fn main() {
    let threads = ["a", "b"].map(|name| thread::spawn(move || NAMES.lock().unwrap().push(name)));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    println!("{}", NAMES.lock().unwrap().concat());
}
