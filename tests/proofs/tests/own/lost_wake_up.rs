//! The condition is checked by `if`: a wake-up for no reason is taken for the order.
use std::sync::{Condvar, Mutex};
use std::thread;

fn main() {
    let (order, arrived) = (Mutex::new(None), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut order = order.lock().unwrap();
            if order.is_none() {
                order = arrived.wait(order).unwrap();
            }
            println!("cook makes {}", order.expect("an order"));
        });
        *order.lock().unwrap() = Some("soup");
        arrived.notify_one();
    });
}
