//! A pair with a version: odd while it is written. A reader that saw one even version twice has a
//! pair that belongs together: right.
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

#[derive(Default)]
struct Pair {
    version: AtomicU32,
    left: AtomicU32,
    right: AtomicU32,
}

fn main() {
    let pair = Arc::new(Pair::default());
    let other = pair.clone();
    let writes = thread::spawn(move || {
        other.version.fetch_add(1, SeqCst);
        other.left.store(1, SeqCst);
        other.right.store(1, SeqCst);
        other.version.fetch_add(1, SeqCst);
    });
    let before = pair.version.load(SeqCst);
    let (left, right) = (pair.left.load(SeqCst), pair.right.load(SeqCst));
    if before % 2 == 0 && pair.version.load(SeqCst) == before {
        assert_eq!(left, right);
        println!("{left} {right}");
    }
    writes.join().unwrap();
}
