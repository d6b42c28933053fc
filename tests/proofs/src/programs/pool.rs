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

/// What the workers do. Job 0 has no end.
fn square(number: u32) -> u32 {
    BEGUN.set(BEGUN.get() + 1);
    if number == 0 {
        worker::for_ever();
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
        let killers: Vec<_> = (0..kills)
            .map(|_| thread::spawn(worker::kill_the_last))
            .collect();
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

/// The answers in the order of the jobs; a kill costs one at the most.
fn judge(answers: &[Result<u32, JobError>], right: &[u32]) -> End {
    let lost = answers
        .iter()
        .filter(|answer| matches!(answer, Err(JobError::Lost(_))))
        .count();
    let wrong = answers
        .iter()
        .zip(right)
        .any(|(answer, right)| answer.as_ref().is_ok_and(|answer| answer != right));
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
    ]
}
