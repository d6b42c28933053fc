//! A thread that reads, and reads again, waits behind a writer that waits for it.

use std::thread;

use parking_lot::RwLock;

fn main() {
    let prices = RwLock::new([1, 2]);
    thread::scope(|scope| {
        scope.spawn(|| prices.write()[0] = 3);
        let first = prices.read();
        let sum = first[0] + prices.read()[1];
        println!("{sum}");
    });
}
