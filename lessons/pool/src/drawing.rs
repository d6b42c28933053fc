//! What the timeline shows of the workers: each answer comes with its job, its process and its time.

use std::process;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};
use timing::{Kind, Lesson};

/// An answer, the name of its job, the process that computed it, and when.
#[derive(Serialize, Deserialize)]
pub struct Timed<T> {
    pub answer: T,
    job: String,
    process: u32,
    began: SystemTime,
    took: Duration,
}

pub fn timed<T>(job: impl ToString, work: impl FnOnce() -> T) -> Timed<T> {
    let (began, start) = (SystemTime::now(), Instant::now());
    let answer = work();
    Timed {
        answer,
        job: job.to_string(),
        process: process::id(),
        began,
        took: start.elapsed(),
    }
}

/// Answers, and the moment from which this process has waited for them.
pub type Asked<T> = (Instant, Vec<Timed<T>>);

/// A lane for this process and one for each worker, numbered by their first answers. An arrow leads
/// from here to the worker that begins a job.
pub fn draw<T>(lesson: &Lesson, asked: &[Asked<T>]) {
    let here = lesson.lane("here");
    let mut processes = vec![process::id()];
    for (since, answers) in asked {
        for answer in answers {
            let known = processes.iter().position(|&id| id == answer.process);
            let number = known.unwrap_or_else(|| {
                processes.push(answer.process);
                processes.len() - 1
            });
            let start = Instant::now() - answer.began.elapsed().unwrap_or_default();
            let lane = match number {
                0 => here.clone(),
                _ => lesson.lane(format_args!("worker {number}")),
            };
            if number > 0 {
                here.handed(answer.job.clone(), *since, &lane, start);
            }
            lane.record(Kind::Working, "", start, start + answer.took);
        }
    }
}
