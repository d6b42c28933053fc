//! Workers of async code, killed at random moments, and jobs that no caller waits for any more.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nix::sys::signal::Signal;
use rand::{RngExt, rngs::SmallRng};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::{hung, kill_child, length};
use crate::pieces::workers::{Failure, Workers};
use crate::tally::{Count, Outcome, Tally};

/// Of most who wait for a job; the others give up after a moment.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a worker does: turns the text round, or refuses it, or hangs.
pub fn work(job: &str) -> Result<String, String> {
    match job.split_once(' ') {
        Some(("refuse", text)) => Err(text.into()),
        Some(("start", "and hang")) => hung::start_and_hang(),
        None if job == "hang" => hung::hang(),
        _ => Ok(job.chars().rev().collect()),
    }
}

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let workers = Arc::new(Workers::new(3));
        let taken_by = Arc::new(Mutex::new(Vec::new()));
        let mut killed = BTreeSet::new();
        for _ in 0..8 {
            let mut jobs = JoinSet::new();
            for number in 0..20 {
                let (workers, taken_by) = (workers.clone(), taken_by.clone());
                let job = match dice.random_ratio(1, 10) {
                    true => format!("refuse {number}"),
                    false => format!("{number} {}", "x".repeat(length(dice))),
                };
                let limit = match dice.random_ratio(1, 10) {
                    true => Duration::from_millis(dice.random_range(0..3)),
                    false => PATIENCE,
                };
                jobs.spawn(async move {
                    let taken = |_, process| taken_by.lock().unwrap().push(process);
                    let answer = timeout(limit, workers.run(&job, taken)).await;
                    (job, answer.ok(), limit < PATIENCE)
                });
            }
            let killer = async {
                for _ in 0..3 {
                    sleep(Duration::from_millis(dice.random_range(0..5))).await;
                    let victim = taken_by.lock().unwrap().pop();
                    killed.extend(victim.filter(|id| kill_child(*id)));
                }
            };
            let ((), done) = tokio::join!(killer, jobs.join_all());
            for (job, answer, impatient) in done {
                if impatient && answer.is_none() {
                    tally[Count::Faults] += 1; // Nobody waits for it: it is no job any more.
                } else {
                    tally.job(judge(&job, answer, &killed));
                }
            }
        }
        tally[Count::Faults] += killed.len() as u64;
    });
    Ok(())
}

fn judge(job: &str, answer: Option<Result<String, Failure>>, killed: &BTreeSet<u32>) -> Outcome {
    let status = Some(ExitStatus::from_raw(Signal::SIGKILL as i32));
    match answer {
        None => Outcome::Lost,
        Some(Err(Failure::Died {
            process,
            status: how,
            ..
        })) if how == status && killed.contains(&process) => Outcome::Told,
        Some(Ok(text)) if work(job) == Ok(text.clone()) => Outcome::Right,
        Some(Err(Failure::Failed(text))) if work(job) == Err(text.clone()) => Outcome::Right,
        other => Outcome::Wrong(format!("{job:.20}: {other:?}")),
    }
}
