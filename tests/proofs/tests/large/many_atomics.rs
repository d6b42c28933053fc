//! Three count what they do, each in a number of its own, and in one for all.
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

fn count(counts: &[AtomicU32; 4], me: usize) {
    counts[me].fetch_add(1, SeqCst);
    let mut seen = counts[3].load(SeqCst);
    while let Err(now) = counts[3].compare_exchange(seen, seen + 1, SeqCst, SeqCst) {
        seen = now;
    }
}

fn main() {
    let counts = Arc::new([0, 1, 2, 3].map(|_| AtomicU32::new(0)));
    let threads = [0, 1].map(|me| {
        let counts = counts.clone();
        thread::spawn(move || count(&counts, me))
    });
    counts[3].fetch_add(1, SeqCst);
    let seen = counts[0].load(SeqCst) + counts[1].load(SeqCst);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    println!("{seen}");
}
