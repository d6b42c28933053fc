//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 choosing-1.rs && ./choosing-1

use std::thread;
use std::time::Duration;

/// Calls `work` with each item, on a thread for each. Returns the results in the order of the
/// items.
///
/// # Panics
///
/// If `work` panics.
pub fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    thread::scope(|scope| {
        let work = &work;
        items
            .into_iter()
            .map(|item| scope.spawn(move || work(item)))
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

fn main() {
    let pages = map(vec!["tea", "milk", "bread"], |name| {
        thread::sleep(Duration::from_millis(300));
        format!("the page of {name}")
    });
    println!("{pages:?}");
}
