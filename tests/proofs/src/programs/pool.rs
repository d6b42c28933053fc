//! A pool whose workers are killed, panic, hang and cannot be started, and who waits for its
//! answers.

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

const HANGS: u32 = 0;
const PANICS: u32 = 13;

/// What the workers do.
fn square(number: u32) -> u32 {
    BEGUN.set(BEGUN.get() + 1);
    match number {
        HANGS => worker::without_end(),
        PANICS => panic!("as told"),
        _ => {}
    }
    number * number
}

fn add_one(number: u32) -> u32 {
    number + 1
}

/// A pool of so many workers, of which so many are killed at any moment meanwhile, and so many
/// of which cannot be started.
fn pool(
    workers: usize,
    kills: usize,
    failures: u32,
    act: impl Fn(Pool<u32, u32>) -> End + Send + Sync + 'static,
) -> Program {
    let bounds = Bounds { failures, ..BOUNDS };
    Program::new(bounds, move || {
        BEGUN.set(0);
        worker::begin(main);
        let Ok(pool) = Pool::new(Some(workers), &work_if_worker(square)) else {
            return match worker::left() {
                0 => End::good("no pool"),
                left => End::bad(format!("{left} processes left")),
            };
        };
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

/// What `main` does in a worker.
fn main() {
    work_if_worker(add_one);
    work_if_worker(square);
}

/// The answers are in the order of the jobs.
fn judge(answers: &[Result<u32, JobError>], jobs: &[u32]) -> End {
    let (mut died, mut dropped, mut too_slow, mut not_started) = (0, 0, 0, 0);
    for (answer, &job) in answers.iter().zip(jobs) {
        match answer {
            Err(JobError::Died(_, Some(_))) => died += 1,
            Err(JobError::Dropped) => dropped += 1,
            Err(JobError::TooSlow) => too_slow += 1,
            Err(JobError::NotStarted(_)) => not_started += 1,
            Err(JobError::Panicked(text)) if job == PANICS && **text == *"as told" => {}
            Ok(square) if job != PANICS && *square == job * job => {}
            other => return End::bad(format!("{job}: {other:?}")),
        }
    }
    if answers.len() != jobs.len() {
        return End::bad(format!("{} answers", answers.len()));
    }
    if BEGUN.get() > jobs.len() {
        return End::bad("a job was done twice");
    }
    let told = [
        (died, "died"),
        (dropped, "dropped"),
        (too_slow, "too slow"),
        (not_started, "not started"),
    ];
    let told = told.iter().filter(|(count, _)| *count > 0);
    let told: Vec<_> = told
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    match told.is_empty() {
        true => End::good("all answers"),
        false => End::good(told.join(", ")),
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
            pool(1, 0, 0, |pool| {
                let handles = [2, 3].map(|job| pool.apply_async(job));
                judge(&handles.map(|handle| handle.wait()), &[2, 3])
            }),
        ),
        proof(
            "one worker, a job, a kill",
            &["all answers", "1 died"],
            pool(1, 1, 0, |pool| judge(&[pool.apply(2)], &[2])),
        ),
        proof(
            "two workers, two jobs as completed",
            &["all answers"],
            pool(2, 0, 0, |pool| {
                let mut answers: Vec<_> = pool.as_completed([2, 3]).collect();
                answers.sort_by_key(|(number, _)| *number);
                let answers: Vec<_> = answers.into_iter().map(|(_, answer)| answer).collect();
                judge(&answers, &[2, 3])
            }),
        ),
        proof(
            "a worker that is killed before its job",
            &["all answers"],
            pool(1, 0, 0, |pool| {
                worker::kill_the_last();
                judge(&[pool.apply(2)], &[2])
            }),
        ),
        proof(
            "two workers, a job, a kill",
            &["all answers", "1 died"],
            pool(2, 1, 0, |pool| judge(&[pool.apply(2)], &[2])),
        ),
        proof(
            "three jobs, two at a time, in order",
            &["all answers"],
            pool(1, 0, 0, |pool| {
                judge(&pool.imap([2, 3, 4], 2).collect::<Vec<_>>(), &[2, 3, 4])
            }),
        ),
        proof(
            "two jobs at a time, a kill",
            &["all answers", "2 died"],
            pool(1, 1, 0, |pool| {
                judge(&pool.imap([2, 3], 2).collect::<Vec<_>>(), &[2, 3])
            }),
        ),
        proof(
            "map, and a job that panics",
            &["all answers"],
            pool(1, 0, 0, |pool| {
                let jobs = [2, PANICS, 3, 4, 5];
                judge(&pool.map(jobs).collect::<Vec<_>>(), &jobs)
            }),
        ),
        proof(
            "a wait with a time limit",
            &["all answers"],
            pool(1, 0, 0, |pool| {
                let answer = match pool.apply_async(2).wait_timeout(Duration::from_secs(1)) {
                    Ok(answer) => answer,
                    Err(handle) => handle.wait(),
                };
                judge(&[answer], &[2])
            }),
        ),
        proof(
            "a limit, a job that hangs, another",
            &["1 too slow"],
            pool(1, 0, 0, |mut pool| {
                pool.limit(Duration::from_secs(1));
                judge(&[pool.apply(HANGS), pool.apply(2)], &[HANGS, 2])
            }),
        ),
        proof(
            "a limit, and a job that may be in time",
            &["all answers", "1 too slow"],
            pool(1, 0, 0, |mut pool| {
                pool.limit(Duration::from_secs(1));
                judge(&[pool.apply(2), pool.apply(3)], &[2, 3])
            }),
        ),
        proof(
            "a start that fails after a kill",
            &[
                "all answers",
                "1 died",
                "1 died, 1 not started",
                "1 not started",
                "no pool",
            ],
            pool(1, 1, 1, |pool| {
                let jobs = [2, 3, 4];
                judge(&jobs.map(|job| pool.apply(job)), &jobs)
            }),
        ),
        proof(
            "dropped in the middle of a job",
            &["1 dropped"],
            pool(1, 0, 0, |pool| {
                let handle = pool.apply_async(HANGS);
                drop(pool);
                judge(&[handle.wait()], &[HANGS])
            }),
        ),
        proof(
            "dropped in a job, and a kill",
            &["1 died", "1 dropped"],
            pool(1, 1, 0, |pool| {
                let handle = pool.apply_async(HANGS);
                drop(pool);
                judge(&[handle.wait()], &[HANGS])
            }),
        ),
        proof(
            "dropped in jobs on two workers",
            &["2 dropped"],
            pool(2, 0, 0, |pool| {
                let handles = [HANGS, HANGS].map(|job| pool.apply_async(job));
                drop(pool);
                judge(&handles.map(|handle| handle.wait()), &[HANGS, HANGS])
            }),
        ),
        proof(
            "two functions",
            &["all answers"],
            pool(1, 0, 0, |squares| {
                let plus_one = Pool::new(Some(1), &work_if_worker(add_one)).unwrap();
                match plus_one.apply(4) {
                    Ok(5) => judge(&[squares.apply(2)], &[2]),
                    other => End::bad(format!("{other:?}")),
                }
            }),
        ),
    ]
}
