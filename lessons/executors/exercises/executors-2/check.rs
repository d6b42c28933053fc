//! The judge of executors-2.

mod yours;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Two threads, two rounds: the second one begins when both have done the first one.
pub fn two_rounds() {
    rounds(2, 2);
}

/// Three rounds.
pub fn three_rounds() {
    rounds(2, 3);
}

/// Three threads: all who wait have to be woken.
pub fn three_threads() {
    rounds(3, 1);
}

fn rounds(threads: usize, rounds: usize) {
    let done = AtomicUsize::new(0);
    yours::in_rounds(threads, rounds, |thread, round| {
        let before = done.fetch_add(1, SeqCst);
        assert!(
            before >= round * threads,
            "thread {thread} begins round {round} when {before} of {} works are done",
            round * threads
        );
    });
    let (done, all) = (done.into_inner(), threads * rounds);
    assert_eq!(done, all, "not all work was done");
}

/// Are both at work at the same time?
pub fn together() {
    let working = AtomicUsize::new(0);
    yours::in_rounds(2, 2, |_, round| {
        if working.fetch_add(1, SeqCst) == 1 {
            println!("round {round}: both work");
        }
        working.fetch_sub(1, SeqCst);
    });
}
