//! Jobs that hang, some of them because a program does that they have started. A limit ends them,
//! and the program with them.

use std::process::Command;
use std::time::Duration;
use std::{io, thread};

use rand::{RngExt, rngs::SmallRng};
use serde::{Deserialize, Serialize};
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::pieces::pool::{Function, JobError, Pool, work_if_worker};
use crate::pieces::workers::Workers;
use crate::tally::{Count, Outcome, Tally};

/// Far more than what a job takes that does not hang; on a busy machine any may be late.
const LIMIT: Duration = Duration::from_millis(30);
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Job {
    Square(u64),
    Hang,
    StartAndHang,
}

pub fn function() -> Function<Job, u64> {
    work_if_worker(work)
}

fn work(job: Job) -> u64 {
    match job {
        Job::Square(number) => number * number,
        Job::Hang => hang(),
        Job::StartAndHang => start_and_hang(),
    }
}

pub fn hang() -> ! {
    loop {
        thread::park();
    }
}

pub fn start_and_hang() -> ! {
    let _ = Command::new("sleep").arg("600").status();
    hang()
}

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    match dice.random() {
        true => in_pool(dice, tally),
        false => in_executors(dice, tally),
    }
}

fn in_pool(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let mut pool = Pool::new(Some(3), &function())?;
    let healthy: Vec<_> = (0..20).map(Job::Square).collect();
    for _ in 0..3 {
        let mut jobs = healthy.clone();
        for job in &mut jobs {
            let hangs = match dice.random_range(0..10) {
                0 => Job::Hang,
                1 => Job::StartAndHang,
                _ => continue,
            };
            *job = hangs;
            tally[Count::Faults] += 1;
        }
        let size = dice.random_range(1..4);
        pool.limit(LIMIT);
        check(
            &jobs,
            pool.imap(jobs.iter().copied(), size),
            size,
            true,
            tally,
        );
        pool.limit(PATIENCE);
        check(&healthy, pool.map(healthy.iter().copied()), 1, false, tally);
    }
    Ok(())
}

/// Judges the answers to jobs that were done in chunks of that size.
fn check(
    jobs: &[Job],
    mut answers: impl Iterator<Item = Result<u64, JobError>>,
    size: usize,
    may_be_late: bool,
    tally: &mut Tally,
) {
    let hangs = |job: &Job| !matches!(job, Job::Square(_));
    for chunk in jobs.chunks(size) {
        let chunk_hangs = chunk.iter().any(hangs);
        for job in chunk {
            tally.job(match (job, answers.next()) {
                (_, None) => Outcome::Lost,
                (Job::Square(number), Some(Ok(square)))
                    if square == number * number && !chunk_hangs =>
                {
                    Outcome::Right
                }
                (_, Some(Err(JobError::TooSlow))) if may_be_late => Outcome::Told,
                other => Outcome::Wrong(format!("{other:?} of {chunk:?}")),
            });
        }
    }
}

fn in_executors(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let workers = Workers::new(2);
    for _ in 0..6 {
        let (job, limit) = match dice.random_range(0..3) {
            0 => ("hang", LIMIT),
            1 => ("start and hang", LIMIT),
            _ => ("sound", PATIENCE),
        };
        let answer = async { timeout(limit, workers.run(job, |_, _| ())).await };
        tally.job(match runtime.block_on(answer) {
            Err(_) if limit == LIMIT => Outcome::Told,
            Ok(Ok(text)) if limit == PATIENCE && text == "dnuos" => Outcome::Right,
            other => Outcome::Wrong(format!("{job}: {other:?}")),
        });
        tally[Count::Faults] += u64::from(limit == LIMIT);
    }
    Ok(())
}
