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

/// How many are at work.
pub fn side_by_side() {
    let at_work = AtomicU32::new(0);
    let work = |job| {
        match at_work.fetch_add(1, SeqCst) {
            0 => {}
            1 => println!("two at work"),
            _ => panic!("three are at work, and there are two workers"),
        }
        at_work.fetch_sub(1, SeqCst);
        job
    };
    imap(vec![1, 2, 3], 2, work, |_| {});
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
