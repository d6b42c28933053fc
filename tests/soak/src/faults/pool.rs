//! Workers of a pool, killed at random moments.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Mutex;
use std::time::Duration;
use std::{io, process, thread};

use nix::sys::signal::Signal;
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use super::{bytes, kill_child, length, pause};
use crate::pieces::pool::{Function, Handle, JobError, Pool, work_if_worker};
use crate::tally::{Count, Outcome, Tally};

type Job = (u64, Vec<u8>);
type Answer = (u64, Vec<u8>, u32);

const WORKERS: usize = 3;

pub fn function() -> Function<Job, Answer> {
    work_if_worker(work)
}

/// What a worker does: squares the number, sends the bytes back, and says who it is.
fn work((number, bytes): Job) -> Answer {
    assert!(!panics(number), "job {number}");
    (number * number, bytes, process::id())
}

fn panics(number: u64) -> bool {
    number % 50 == 49
}

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let pool = Pool::new(Some(WORKERS), &function())?;
    // Those that have answered, and those of them that are killed then.
    let workers = Mutex::new(BTreeSet::new());
    let killed = Mutex::new(BTreeSet::new());
    let of_a_kill = |error: &JobError| died(error, &killed.lock().unwrap());
    let mut killers_dice = SmallRng::from_rng(dice);
    tally[Count::Faults] += thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let mut kills = 0;
            while kills < 5 {
                pause(&mut killers_dice, 4000);
                let mut workers = workers.lock().unwrap();
                let place = killers_dice.random_range(0..WORKERS);
                let victim = workers.iter().nth(place % workers.len().max(1)).copied();
                kills += u64::from(victim.is_some_and(|id| {
                    workers.remove(&id);
                    killed.lock().unwrap().insert(id);
                    kill_child(id)
                }));
            }
            kills
        });
        while !killer.is_finished() {
            let jobs = jobs(dice);
            let answers = ask(&pool, &jobs, dice);
            let ids = answers.iter().flatten().flatten().map(|answer| answer.2);
            workers.lock().unwrap().extend(ids);
            check(&jobs, answers, of_a_kill, tally);
        }
        killer.join().expect("it does not panic")
    });
    // The last ones killed may still be dying, and take a job each with them.
    if !(0..=WORKERS).any(|_| pool.apply((2, Vec::new())).is_ok()) {
        tally.job(Outcome::Wrong("the pool does not go on".into()));
    }
    // Dropped in the middle of its work, it still answers for every job.
    let jobs = jobs(dice);
    let handles: Vec<_> = jobs
        .iter()
        .cloned()
        .map(|job| pool.apply_async(job))
        .collect();
    pause(dice, 1000);
    drop(pool);
    tally[Count::Faults] += 1;
    let answers = handles.into_iter().map(wait).collect();
    let told = |error: &JobError| *error == JobError::Dropped || of_a_kill(error);
    check(&jobs, answers, told, tally);
    Ok(())
}

fn jobs(dice: &mut SmallRng) -> Vec<Job> {
    let count = dice.random_range(1..200);
    (0..count).map(|n| (n, bytes(n, length(dice)))).collect()
}

fn wait(handle: Handle<Answer>) -> Option<Result<Answer, JobError>> {
    handle.wait_timeout(Duration::from_secs(10)).ok()
}

/// By one of the four ways there are; `None` is a job without a word.
fn ask(
    pool: &Pool<Job, Answer>,
    jobs: &[Job],
    dice: &mut SmallRng,
) -> Vec<Option<Result<Answer, JobError>>> {
    let all = jobs.iter().cloned();
    match dice.random_range(0..4) {
        0 => pool.map(all).map(Some).collect(),
        1 => pool.imap(all, dice.random_range(1..20)).map(Some).collect(),
        2 => {
            let handles: Vec<_> = all.map(|job| pool.apply_async(job)).collect();
            handles.into_iter().map(wait).collect()
        }
        _ => {
            let mut answers = vec![None; jobs.len()];
            for (job, answer) in pool.as_completed(all) {
                // A second answer to a job is one too many.
                match &mut answers[job] {
                    place @ None => *place = Some(answer),
                    _ => answers.push(Some(answer)),
                }
            }
            answers
        }
    }
}

/// Whether the error says that one of these was killed.
pub fn died(error: &JobError, killed: &BTreeSet<u32>) -> bool {
    let status = Some(ExitStatus::from_raw(Signal::SIGKILL as i32));
    matches!(error, JobError::Died(id, how) if *how == status && killed.contains(id))
}

/// Counts what became of the jobs. `told` says which errors a fault explains.
pub fn check(
    jobs: &[Job],
    answers: Vec<Option<Result<Answer, JobError>>>,
    told: impl Fn(&JobError) -> bool,
    tally: &mut Tally,
) {
    if answers.len() > jobs.len() {
        tally.job(Outcome::Wrong("more answers than jobs".into()));
    }
    let answers = answers.into_iter().chain(std::iter::repeat(None));
    for ((number, bytes), answer) in jobs.iter().zip(answers) {
        let is_right = |answer: &Result<Answer, JobError>| match answer {
            Ok((square, back, _)) => {
                !panics(*number) && *square == number * number && back == bytes
            }
            Err(JobError::Panicked(text)) => panics(*number) && panicked_here(text, *number),
            Err(_) => false,
        };
        tally.job(match answer {
            None => Outcome::Lost,
            Some(answer) if is_right(&answer) => Outcome::Right,
            Some(Err(error)) if told(&error) => Outcome::Told,
            other => Outcome::Wrong(format!("job {number}: {other:?}")),
        });
    }
}

/// Whether this is the panic of that job: the place in this file, then the message.
fn panicked_here(text: &str, number: u64) -> bool {
    let place = text.strip_suffix(&format!(": job {number}"));
    place.is_some_and(|place| place.starts_with(concat!("panicked at ", file!(), ":")))
}
