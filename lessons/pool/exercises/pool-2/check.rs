//! The judge of pool-2.

mod yours;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use yours::imap;

/// Two workers, two jobs.
pub fn two_jobs() {
    let mut told = Vec::new();
    imap(vec![1, 2], 2, |job| job * 10, |answer| told.push(answer));
    assert_eq!(told, [10, 20], "the answers to 1 and 2");
}

/// Two workers, three jobs.
pub fn three_jobs() {
    let mut told = Vec::new();
    imap(vec![1, 2, 3], 2, |job| job * 10, |answer| told.push(answer));
    assert_eq!(told, [10, 20, 30], "the answers to 1, 2 and 3");
}

/// Two workers can be at work at the same time.
pub fn side_by_side() {
    if most_at_work(2) == 2 {
        println!("two at work");
    }
}

/// One worker cannot.
pub fn one_worker() {
    let most = most_at_work(1);
    assert_eq!(
        most, 1,
        "one worker, and so many jobs are under way at the same time"
    );
}

fn most_at_work(workers: usize) -> u32 {
    let (at_work, mut most) = (AtomicU32::new(0), 0);
    let work = |_| {
        let others = at_work.fetch_add(1, SeqCst);
        at_work.fetch_sub(1, SeqCst);
        others + 1
    };
    imap(vec![1, 2], workers, work, |at_work| {
        most = most.max(at_work)
    });
    most
}

/// The second job takes until the first answer is told, or longer.
pub fn as_soon_as_it_is_there() {
    let told = AtomicBool::new(false);
    let work = |job| {
        if job == 2 && told.load(SeqCst) {
            println!("told before the second job is done");
        }
        job
    };
    imap(vec![1, 2], 2, work, |_| told.store(true, SeqCst));
}
