//! Two threads with three locks, in every order of their steps: `just prove` in the
//! tutorial's folder, with the path of this file.

use std::sync::Mutex;
use std::thread;

fn main() {
    let (a, b, c) = (Mutex::new(1), Mutex::new(10), Mutex::new(100));
    thread::scope(|scope| {
        scope.spawn(|| {
            *b.lock().unwrap() += *a.lock().unwrap();
            *c.lock().unwrap() += *b.lock().unwrap();
        });
        scope.spawn(|| {
            *c.lock().unwrap() += *a.lock().unwrap();
            *b.lock().unwrap() += *c.lock().unwrap();
        });
    });
}
