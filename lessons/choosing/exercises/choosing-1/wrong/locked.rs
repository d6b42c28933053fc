//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 choosing-1.rs && ./choosing-1

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// Calls `work` with each item, on a thread for each. Returns the results in the order of the
/// items.
///
/// # Panics
///
/// If `work` panics.
pub fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let (results, work) = (Mutex::new(Vec::new()), &work);
    thread::scope(|scope| {
        for (number, item) in items.into_iter().enumerate() {
            let results = &results;
            scope.spawn(move || results.lock().unwrap().push((number, work(item))));
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

fn main() {
    let pages = map(vec!["tea", "milk", "bread"], |name| {
        thread::sleep(Duration::from_millis(300));
        format!("the page of {name}")
    });
    println!("{pages:?}");
}
