//! **Process pool**: a few worker processes share many jobs.
//!
//! Python: `multiprocessing.Pool`, `apply`, `map`, `imap`   Rust: our own `Pool`
//!
//!     cargo run -p lesson-pool        (1 second)
//!
//! Squares on four workers by each of Python's calls; prime numbers in three ways;
//! a job that panics; a worker that is killed in mid-job; jobs without end.
//!
//! Take away: `src/pool.rs` and `src/worker.rs`, together.

mod pool;
mod worker;

use std::cell::Cell;
use std::error::Error;
use std::process::{self, Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use pool::{Function, JobError, Pool};
use serde::{Deserialize, Serialize};
use timing::{Kind, Lesson, say, step};

/// From the documentation of Python; all prime but the last.
const NUMBERS: [u64; 6] = [
    112272535095293,
    112582705942171,
    112272535095293,
    115280095190773,
    115797848077099,
    1099726899285419,
];

fn main() -> ExitCode {
    // A worker goes into the one of its function and never comes out.
    let squares = pool::work_if_worker(square);
    let verdicts = pool::work_if_worker(is_prime);
    let squares_or_worse = pool::work_if_worker(square_or_worse);
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let pool = Pool::new(Some(4), &squares)?;
        four_calls(lesson, &pool)?;
        primes(lesson, &verdicts)?;
        job_that_panics(lesson, &pool);
        killed_worker(lesson, &squares_or_worse)?;
        endless_jobs(lesson, &pool)
    })
}

fn square(number: u64) -> u64 {
    number.checked_mul(number).expect("too large to square")
}

/// The calls of Python's pool and their values.
fn four_calls(lesson: &Lesson, pool: &Pool<u64, u64>) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Squares on four workers");
    say!("apply(10): {}", pool.apply(10)?);
    let handle = pool.apply_async(20);
    match handle.wait_timeout(timing::seconds(60.0)) {
        Ok(answer) => say!("apply_async(20): {}", answer?),
        Err(_later) => say!("apply_async(20): no answer in a minute"),
    }
    let squares: Result<Vec<u64>, JobError> = pool.map(0..10).collect();
    say!("map(0..10): {:?}", squares?);
    for (number, square) in pool.imap(0..5, 1).enumerate() {
        say!("imap(0..5), number {number}: {}", square?);
    }
    act.end("the answers come in the order of the jobs");
    Ok(())
}

/// Whether a number is prime, who found out, and when.
#[derive(Serialize, Deserialize)]
struct Verdict {
    prime: bool,
    worker: u32,
    began: SystemTime,
    took: Duration,
}

fn is_prime(number: u64) -> Verdict {
    let (began, start) = (SystemTime::now(), Instant::now());
    let prime = match number {
        0..=2 => number == 2,
        _ if number.is_multiple_of(2) => false,
        _ => (3..=number.isqrt())
            .step_by(2)
            .all(|divisor| !number.is_multiple_of(divisor)),
    };
    Verdict {
        prime,
        worker: process::id(),
        began,
        took: start.elapsed(),
    }
}

/// The same six jobs here and on the workers, whose answers are taken in three ways.
fn primes(lesson: &Lesson, verdicts: &Function<u64, Verdict>) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Which of six numbers are prime");
    let pool = Pool::new(Some(4), verdicts)?;
    let (here, one_by_one) = step("here, one by one", || NUMBERS.map(is_prime));
    let (completed, _) = step("workers, as they complete", || {
        let mut verdicts = Vec::new();
        for (job, verdict) in pool.as_completed(NUMBERS) {
            let verdict = verdict?;
            let is = if verdict.prime { "is" } else { "is not" };
            say!("{} {is} prime", NUMBERS[job]);
            verdicts.push(verdict);
        }
        Ok::<_, JobError>(verdicts)
    });
    let (submitted, _) = step("workers, submitted one by one", || {
        let handles = NUMBERS.map(|number| pool.apply_async(number));
        handles.map(|handle| handle.wait())
    });
    let (mapped, together) = step("workers, map", || pool.map(NUMBERS).collect::<Vec<_>>());
    let answers = submitted.into_iter().chain(mapped);
    let mut verdicts = Vec::from(here);
    verdicts.extend(completed?);
    verdicts.extend(answers.collect::<Result<Vec<_>, _>>()?);
    let primes = |way: &[Verdict]| way.iter().filter(|verdict| verdict.prime).count();
    let primes: Vec<_> = verdicts.chunks(NUMBERS.len()).map(primes).collect();
    act.end(format_args!("prime by each of the ways: {primes:?}"));
    draw(lesson, &verdicts);
    lesson.speedup("pool", one_by_one, together, None);
    Ok(())
}

/// The wait for the answer ends with the error; the worker goes on.
fn job_that_panics(lesson: &Lesson, pool: &Pool<u64, u64>) {
    let act = lesson.act("A job that panics");
    for number in [u64::MAX, 10] {
        match pool.apply(number) {
            Ok(square) => say!("apply({number}): {square}"),
            Err(error) => say!("apply({number}): {error}"),
        }
    }
    act.end("the pool goes on");
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

/// The chunk that the worker had is lost, and the error tells why; all the rest is there,
/// and another worker takes the place of the dead one. A limit does the same to a job that hangs.
fn killed_worker(lesson: &Lesson, squares: &Function<u64, u64>) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("A worker is killed in mid-job");
    let mut pool = Pool::new(Some(4), squares)?;
    let answers: Vec<_> = pool.map(0..20).collect();
    let squares: Vec<_> = answers.iter().flatten().collect();
    say!("map(0..20): {squares:?}");
    if let Some(error) = answers.iter().find_map(|answer| answer.as_ref().err()) {
        say!("{error}");
    }
    let lost = answers.len() - squares.len();
    say!(
        "map(14..18): {:?}",
        pool.map(14..18).filter_map(Result::ok).collect::<Vec<_>>()
    );
    pool.limit(timing::seconds(0.5));
    if let Err(error) = pool.apply(99) {
        say!("apply(99), which hangs: {error}");
    }
    act.end(format_args!("{lost} of {} jobs lost", answers.len()));
    Ok(())
}

/// `imap` takes jobs only as far ahead as keeps the workers busy.
fn endless_jobs(lesson: &Lesson, pool: &Pool<u64, u64>) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Jobs without end");
    let taken = Cell::new(0);
    let numbers = (1..).inspect(|_| taken.set(taken.get() + 1));
    for square in pool.imap(numbers, 1).take(3) {
        say!("imap(1..): {}, {} jobs taken so far", square?, taken.get());
    }
    act.end("nobody asks for more");
    Ok(())
}

/// A lane for this process and one for each worker, numbered as they first answered.
fn draw(lesson: &Lesson, verdicts: &[Verdict]) {
    let mut ids = vec![process::id()];
    for verdict in verdicts {
        let known = ids.iter().position(|&id| id == verdict.worker);
        let number = known.unwrap_or_else(|| {
            ids.push(verdict.worker);
            ids.len() - 1
        });
        let lane = match number {
            0 => lesson.lane("here"),
            _ => lesson.lane(format_args!("worker {number}")),
        };
        let start = Instant::now() - verdict.began.elapsed().unwrap_or_default();
        lane.record(Kind::Working, "", start, start + verdict.took);
    }
}
