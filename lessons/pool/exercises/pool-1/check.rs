//! The judge of pool-1.

mod yours;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use yours::{Died, Worker, run};

/// A worker that notes the jobs it gets, and dies of its first one if it is `frail`.
fn worker(got: &mut Vec<u32>, frail: bool) -> Worker<'_> {
    let mut alive = true;
    Box::new(move |job| {
        assert!(alive, "a dead worker gets a job");
        got.push(job);
        alive = !frail;
        if alive { Ok(job * 10) } else { Err(Died) }
    })
}

/// One of two workers dies of its first job.
pub fn one_dies() {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let workers = vec![worker(&mut first, true), worker(&mut second, false)];
    let answers = run(vec![1, 2], workers);
    assert_eq!(
        answers,
        [Ok(10), Ok(20)],
        "one worker lives, and these are the answers to 1 and 2"
    );
    second.sort();
    assert_eq!(second, [1, 2], "what the living worker has done");
}

/// One of two workers dies of the only job.
pub fn the_only_job() {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let workers = vec![worker(&mut first, true), worker(&mut second, false)];
    let answers = run(vec![1], workers);
    assert_eq!(
        answers,
        [Ok(10)],
        "one worker lives, and this is the answer to 1"
    );
    assert_eq!(second, [1], "what the living worker has done");
}

/// A job kills each worker that gets it.
pub fn a_deadly_job() {
    let mut got = [const { Vec::new() }; 3];
    let workers = got.iter_mut().map(|got| worker(got, true));
    let answers = run(vec![1], workers.collect());
    assert_eq!(
        answers,
        [Err(Died)],
        "the answer to a job that kills each worker"
    );
    let dead = got.concat().len();
    assert_eq!(dead, 2, "the number of workers that one job may kill");
}

/// No worker is left for the last job.
pub fn all_die() {
    let mut got = [const { Vec::new() }; 2];
    let workers = got.iter_mut().map(|got| worker(got, true));
    let answers = run(vec![1, 2, 3], workers.collect());
    assert_eq!(answers, [Err(Died); 3], "the answers when all workers die");
}

/// No worker dies.
pub fn side_by_side() {
    let at_work = AtomicU32::new(0);
    let workers = (1..=2).map(|_| -> Worker<'_> {
        Box::new(|job| {
            if at_work.fetch_add(1, SeqCst) == 1 {
                println!("two at work");
            }
            at_work.fetch_sub(1, SeqCst);
            Ok(job * 10)
        })
    });
    let answers = run(vec![1, 2], workers.collect());
    assert_eq!(answers, [Ok(10), Ok(20)], "the answers to 1 and 2");
}
