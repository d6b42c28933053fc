//! A pool whose workers are killed, and who waits for its answers.

use std::thread;
use std::time::Duration;

use interleave::{Bounds, End};
use real_std::cell::Cell;

use super::pool::{JobError, Pool, work_if_worker};
use super::worker;
use crate::proof::{Program, Proof};

const BOUNDS: Bounds = Bounds {
    timeouts: 1,
    reduce: true,
    ..Bounds::NONE
};

thread_local! {
    /// How many jobs were begun in this execution.
    static BEGUN: Cell<usize> = const { Cell::new(0) };
}

/// What the workers do. Job 0 has no end, and job 1 panics.
fn square(number: u32) -> u32 {
    BEGUN.set(BEGUN.get() + 1);
    match number {
        0 => worker::for_ever(),
        1 => panic!("out of paper"),
        _ => {}
    }
    number * number
}

/// A pool of so many workers, of which so many are killed at any moment meanwhile.
fn pool(
    workers: usize,
    kills: usize,
    act: impl Fn(Pool<u32, u32>) -> End + Send + Sync + 'static,
) -> Program {
    Program::new(BOUNDS, move || {
        BEGUN.set(0);
        worker::begin(|| work_if_worker(square));
        let pool = Pool::new(Some(workers), square).unwrap();
        let kill = match workers {
            1 => worker::kill_the_last,
            _ => worker::kill_the_first,
        };
        let killers: Vec<_> = (0..kills).map(|_| thread::spawn(kill)).collect();
        let end = act(pool);
        for killer in killers {
            killer.join().unwrap();
        }
        match worker::left() {
            0 => end,
            left => End::bad(format!("{left} processes left")),
        }
    })
}

/// The answers in the order of the jobs.
/// Where 1 is right, the job has panicked, and is not lost by that.
fn judge(answers: &[Result<u32, JobError>], right: &[u32]) -> End {
    let panicked = |error: &JobError| matches!(error, JobError::Panicked { .. });
    let is_lost = |answer: &Result<_, _>| answer.as_ref().is_err_and(|error| !panicked(error));
    let lost = answers.iter().filter(|answer| is_lost(answer)).count();
    let wrong = answers
        .iter()
        .zip(right)
        .any(|(answer, &right)| match answer {
            Ok(answer) => right == 1 || *answer != right,
            Err(error) => panicked(error) != (right == 1) && !is_lost(answer),
        });
    if BEGUN.get() > right.len() {
        End::bad("a job was done twice")
    } else if wrong || answers.len() != right.len() {
        End::bad(format!("{answers:?}"))
    } else if lost == 0 {
        End::good("all answers")
    } else {
        End::good(format!("{lost} lost, and said so"))
    }
}

/// The system refuses a process or a thread: for the pool, or for a worker in the place of one
/// that was killed.
fn refused(kills: usize) -> Program {
    let bounds = Bounds {
        failures: 1,
        timeouts: 0,
        ..BOUNDS
    };
    Program::new(bounds, move || {
        BEGUN.set(0);
        worker::begin(|| work_if_worker(square));
        let pool = Pool::new(Some(1), square);
        let end = match pool {
            Err(_) => End::good("no pool"),
            Ok(pool) => {
                let killers: Vec<_> = (0..kills)
                    .map(|_| thread::spawn(worker::kill_the_last))
                    .collect();
                let end = judge(&[pool.apply(2)], &[4]);
                drop(pool);
                for killer in killers {
                    killer.join().unwrap();
                }
                end
            }
        };
        match worker::left() {
            0 => end,
            left => End::bad(format!("{left} processes left")),
        }
    })
}

pub fn proofs() -> Vec<Proof> {
    let proof = |what, ends, program| Proof {
        lesson: "pool",
        file: "pool.rs",
        what,
        ends,
        wrong: false,
        programs: vec![program],
    };
    vec![
        proof(
            "one worker, two jobs",
            &["all answers"],
            pool(1, 0, |pool| {
                let handles = [2, 3].map(|job| pool.apply_async(job));
                judge(&handles.map(|handle| handle.wait()), &[4, 9])
            }),
        ),
        proof(
            "one worker, a job, a kill",
            &["all answers", "1 lost, and said so"],
            pool(1, 1, |pool| judge(&[pool.apply(2)], &[4])),
        ),
        proof(
            "two workers, two jobs as completed",
            &["all answers"],
            pool(2, 0, |pool| {
                let mut answers: Vec<_> = pool.as_completed([2, 3]).collect();
                answers.sort_by_key(|(number, _)| *number);
                let answers: Vec<_> = answers.into_iter().map(|(_, answer)| answer).collect();
                judge(&answers, &[4, 9])
            }),
        ),
        proof(
            "three jobs, two at a time, in order",
            &["all answers"],
            pool(1, 0, |pool| {
                judge(&pool.imap([2, 3, 4], 2).collect::<Vec<_>>(), &[4, 9, 16])
            }),
        ),
        proof(
            "a wait with a time limit",
            &["all answers"],
            pool(1, 0, |pool| {
                let answer = match pool.apply_async(2).wait_timeout(Duration::from_secs(1)) {
                    Ok(answer) => answer,
                    Err(handle) => handle.wait(),
                };
                judge(&[answer], &[4])
            }),
        ),
        proof(
            "dropped in the middle of a job",
            &["1 lost, and said so"],
            pool(1, 0, |pool| {
                let handle = pool.apply_async(0);
                drop(pool);
                judge(&[handle.wait()], &[0])
            }),
        ),
        proof(
            "dropped in a job, and a kill",
            &["1 lost, and said so"],
            pool(1, 1, |pool| {
                let handle = pool.apply_async(0);
                drop(pool);
                judge(&[handle.wait()], &[0])
            }),
        ),
        proof(
            "two workers, a job, a kill",
            &["all answers", "1 lost, and said so"],
            pool(2, 1, |pool| judge(&[pool.apply(2)], &[4])),
        ),
        proof(
            "two jobs at a time, and a kill",
            &["all answers", "2 lost, and said so"],
            pool(1, 1, |pool| {
                judge(&pool.imap([2, 3], 2).collect::<Vec<_>>(), &[4, 9])
            }),
        ),
        proof(
            "one of three jobs panics",
            &["all answers"],
            pool(1, 0, |pool| {
                judge(&pool.imap([2, 1, 3], 3).collect::<Vec<_>>(), &[4, 1, 9])
            }),
        ),
        proof(
            "a map of two jobs",
            &["all answers"],
            pool(1, 0, |pool| {
                judge(&pool.map([2, 3]).collect::<Vec<_>>(), &[4, 9])
            }),
        ),
        proof(
            "two workers dropped in their jobs",
            &["2 lost, and said so"],
            pool(2, 0, |pool| {
                let handles = [0, 0].map(|job| pool.apply_async(job));
                drop(pool);
                judge(&handles.map(|handle| handle.wait()), &[0, 0])
            }),
        ),
        proof(
            "dropped with a job in its queue",
            &["2 lost, and said so"],
            pool(1, 0, |pool| {
                let handles = [0, 0].map(|job| pool.apply_async(job));
                drop(pool);
                judge(&handles.map(|handle| handle.wait()), &[0, 0])
            }),
        ),
        proof(
            "an idle worker is killed",
            &["all answers"],
            pool(1, 0, |pool| {
                worker::kill_the_last();
                judge(&[pool.apply(2)], &[4])
            }),
        ),
        proof(
            "two jobs, and a kill",
            &["all answers", "1 lost, and said so"],
            pool(1, 1, |pool| {
                judge(&[2, 3].map(|job| pool.apply(job)), &[4, 9])
            }),
        ),
        proof(
            "the system refuses a worker",
            &["all answers", "no pool"],
            refused(0),
        ),
        proof(
            "it may refuse the next worker",
            &["all answers", "1 lost, and said so", "no pool"],
            refused(1),
        ),
    ]
}
