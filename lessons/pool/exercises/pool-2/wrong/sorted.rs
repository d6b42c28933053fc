//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 pool-2.rs && ./pool-2

use std::sync::{Mutex, mpsc};
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
    let jobs = Mutex::new(jobs.into_iter().enumerate());
    let next = || jobs.lock().unwrap().next();
    let (answers, answered) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers {
            let (next, work, answers) = (&next, &work, answers.clone());
            scope.spawn(move || {
                while let Some((number, job)) = next() {
                    answers.send((number, work(job))).unwrap();
                }
            });
        }
        // With the last sender the answers end.
        drop(answers);
        let mut answers: Vec<_> = answered.into_iter().collect();
        answers.sort();
        for (_, answer) in answers {
            tell(answer);
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
