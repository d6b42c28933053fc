//! What is printed straight out of a lock is printed before the lock is free again.

use std::sync::Mutex;
use std::thread;

fn main() {
    let number = Mutex::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            *number.lock().unwrap() = 1;
            println!("written");
        });
        println!("{}", number.lock().unwrap());
    });
}
