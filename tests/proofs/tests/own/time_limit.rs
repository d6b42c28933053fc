//! A wait with a time limit, in a loop: the time may be over, the cook asks again.
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

fn main() {
    let order = Arc::new((Mutex::new(0), Condvar::new()));
    let shared = order.clone();
    let cook = thread::spawn(move || {
        let mut order = shared.0.lock().unwrap();
        while *order == 0 {
            let woken = shared.1.wait_timeout(order, Duration::from_secs(1));
            order = woken.unwrap().0;
        }
        println!("order {}", *order);
    });
    for number in 1..=2 {
        *order.0.lock().unwrap() = number;
        order.1.notify_one();
    }
    cook.join().unwrap();
}
