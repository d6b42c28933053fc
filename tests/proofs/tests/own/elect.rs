//! The first to write its name is elected, and all know it: right.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

fn elect(elected: &AtomicUsize, me: usize) -> usize {
    match elected.compare_exchange(0, me, SeqCst, SeqCst) {
        Ok(_) => me,
        Err(other) => other,
    }
}

fn main() {
    let elected = Arc::new(AtomicUsize::new(0));
    let threads = [1, 2].map(|me| {
        let elected = elected.clone();
        thread::spawn(move || elect(&elected, me))
    });
    let mine = elect(&elected, 3);
    let others = threads.map(|thread| thread.join().unwrap());
    assert_eq!(others, [mine, mine]);
    println!("{mine}");
}
