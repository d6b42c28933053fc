//! Two wait, and one call is made: the other waits for good, if it came before the call.
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

fn main() {
    let shared = Arc::new((Mutex::new(false), Condvar::new()));
    let threads = ["a", "b"].map(|name| {
        let shared = shared.clone();
        thread::spawn(move || {
            let mut open = shared.0.lock().unwrap();
            while !*open {
                open = shared.1.wait(open).unwrap();
            }
            println!("{name}");
        })
    });
    *shared.0.lock().unwrap() = true;
    shared.1.notify_one();
    for thread in threads {
        thread.join().unwrap();
    }
}
