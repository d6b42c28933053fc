//! One thread tries, and gives back what it has if it fails: it waits for the other one.
use std::sync::Mutex;
use std::thread;

fn main() {
    let forks = [Mutex::new(()), Mutex::new(())];
    thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                let _left = forks[0].lock().unwrap();
                if let Ok(_right) = forks[1].try_lock() {
                    break;
                }
            }
        });
        scope.spawn(|| {
            let _right = forks[1].lock().unwrap();
            let _left = forks[0].lock().unwrap();
        });
    });
    println!("both have eaten");
}
