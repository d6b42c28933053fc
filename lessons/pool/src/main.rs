//! **Process pool**: a few worker processes share many jobs.
//!
//! Python: `multiprocessing.Pool`, `apply`, `map`, `imap`   Rust: our own `Pool`
//!
//!     cargo run -p lesson-pool        (1 second)
//!
//! Squares on four workers by Python's four calls; prime numbers in three ways; a
//! job that panics; a worker that is killed in the middle of its job; jobs
//! without end.
//!
//! Take away: `src/pool.rs` and `src/worker.rs`, together.

mod drawing;
mod pool;
mod primes;
mod worker;

use std::cell::Cell;
use std::error::Error;
use std::io;
use std::process::{Command, ExitCode};
use std::thread;

use pool::{Function, JobError, Pool, work_if_worker};
use primes::is_prime;
use timing::say;

fn main() -> ExitCode {
    // In a worker, the call for its function does the jobs and does not return.
    let squares = work_if_worker(square);
    let verdicts = work_if_worker(is_prime);
    let squares_or_worse = work_if_worker(square_or_worse);
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let act = lesson.act("Squares on four workers");
        let pool = Pool::new(Some(4), &squares)?;
        four_calls(&pool)?;
        act.end("the answers come in the order of the jobs");

        let act = lesson.act("Which of six numbers are prime");
        let (counts, [here, mapped]) = primes::in_each_way(lesson, &verdicts)?;
        act.end(format_args!("prime by each of the ways: {counts:?}"));
        lesson.speedup("pool", here, mapped, None);

        let act = lesson.act("A job that fails");
        job_that_fails(&pool);
        act.end("the pool goes on");

        let act = lesson.act("A worker is killed in the middle of a job");
        let lost = killed_worker(&squares_or_worse)?;
        act.end(format_args!("{lost} of 20 jobs lost"));

        let act = lesson.act("Jobs without end");
        endless_jobs(&pool)?;
        act.end("three answers are enough");
        Ok(())
    })
}

fn square(number: u64) -> u64 {
    number.checked_mul(number).expect("too large to square")
}

/// The calls of Python's pool, with the same values.
fn four_calls(pool: &Pool<u64, u64>) -> Result<(), Box<dyn Error>> {
    say!("apply(10): {}", pool.apply(10)?);
    let handle = pool.apply_async(20);
    match handle.wait_timeout(timing::seconds(60.0)) {
        Ok(answer) => say!("apply_async(20): {}", answer?),
        Err(_later) => say!("apply_async(20): no answer in a minute"),
    }
    let squares: Result<Vec<u64>, _> = pool.map(0..10).collect();
    say!("map(0..10): {:?}", squares?);
    for (number, square) in pool.imap(0..5, 1).enumerate() {
        say!("imap(0..5), number {number}: {}", square?);
    }
    Ok(())
}

/// The panic becomes the answer to its job, as an error. The worker goes on.
fn job_that_fails(pool: &Pool<u64, u64>) {
    for number in [u64::MAX, 10] {
        match pool.apply(number) {
            Ok(square) => say!("apply({number}): {square}"),
            Err(error) => say!("apply({number}): {error}"),
        }
    }
}

fn square_or_worse(number: u64) -> u64 {
    match number {
        13 => {
            // The parent of the shell is this process.
            let _ = Command::new("sh").args(["-c", "kill -9 $PPID"]).status();
        }
        99 => loop {
            thread::park();
        },
        _ => {}
    }
    square(number)
}

/// The worker's chunk of jobs is lost, with the reason. All other answers are there, and
/// another worker takes its place. A time limit ends a job that hangs in the same way.
fn killed_worker(squares: &Function<u64, u64>) -> io::Result<usize> {
    let mut pool = Pool::new(Some(4), squares)?;
    let answers: Vec<_> = pool.map(0..20).collect();
    let squares: Vec<_> = answers.iter().flatten().collect();
    say!("map(0..20): {squares:?}");
    if let Some(error) = answers.iter().find_map(|answer| answer.as_ref().err()) {
        say!("{error}");
    }
    let again: Vec<_> = pool.map(14..18).filter_map(|answer| answer.ok()).collect();
    say!("map(14..18): {again:?}");
    pool.limit(timing::seconds(0.5));
    if let Err(error) = pool.apply(99) {
        say!("apply(99), which hangs: {error}");
    }
    Ok(answers.len() - squares.len())
}

/// `imap` takes only as many jobs as keep the workers busy.
fn endless_jobs(pool: &Pool<u64, u64>) -> Result<(), JobError> {
    let taken = Cell::new(0);
    let numbers = (1..).inspect(|_| taken.set(taken.get() + 1));
    for square in pool.imap(numbers, 1).take(3) {
        say!("imap(1..): {}, {} jobs taken so far", square?, taken.get());
    }
    Ok(())
}
