//! `if` is enough here: this condition variable never wakes up for no reason.

use std::thread;

use parking_lot::{Condvar, Mutex};

fn main() {
    let (order, arrived) = (Mutex::new(None), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut order = order.lock();
            if order.is_none() {
                arrived.wait(&mut order);
            }
            println!("cook makes {}", order.expect("an order"));
        });
        *order.lock() = Some("soup");
        arrived.notify_one();
    });
}
