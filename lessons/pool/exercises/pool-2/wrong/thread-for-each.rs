//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 pool-2.rs && ./pool-2

use std::thread;
use std::time::Duration;

/// Has the jobs done by `workers` threads, which work side by side. `tell` gets the answers in
/// the order of the jobs, each as soon as it and those before it are there.
pub fn imap(
    jobs: Vec<u32>,
    workers: usize,
    work: impl Fn(u32) -> u32 + Sync,
    mut tell: impl FnMut(u32),
) {
    assert!(workers > 0);
    thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = jobs
            .into_iter()
            .map(|job| scope.spawn(move || work(job)))
            .collect();
        for thread in threads {
            tell(thread.join().unwrap());
        }
    });
}

fn main() {
    let square = |job: u32| {
        thread::sleep(Duration::from_millis(300 / u64::from(job)));
        job * job
    };
    let tell = |answer| println!("{answer}");
    imap(vec![1, 2, 3, 4, 5], 2, square, tell);
}
