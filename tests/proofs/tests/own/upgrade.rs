//! Two readers that both want to write: each waits for the other to stop reading.
use std::sync::RwLock;
use std::thread;

fn main() {
    let balance = RwLock::new(100);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let seen = balance.read().unwrap();
                *balance.write().unwrap() = *seen - 10;
            });
        }
    });
}
