//! What the timeline shows of the workers: each answer comes with its process and its time.

use std::process;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};
use timing::{Kind, Lesson};

/// An answer, the process that computed it, and when.
#[derive(Serialize, Deserialize)]
pub struct Timed<T> {
    pub answer: T,
    process: u32,
    began: SystemTime,
    took: Duration,
}

pub fn timed<T>(job: impl FnOnce() -> T) -> Timed<T> {
    let (began, start) = (SystemTime::now(), Instant::now());
    let answer = job();
    Timed {
        answer,
        process: process::id(),
        began,
        took: start.elapsed(),
    }
}

/// A lane for this process and one for each worker, numbered by their first answers.
pub fn draw<'a, T: 'a>(lesson: &Lesson, answers: impl Iterator<Item = &'a Timed<T>>) {
    let mut processes = vec![process::id()];
    for answer in answers {
        let known = processes.iter().position(|&id| id == answer.process);
        let number = known.unwrap_or_else(|| {
            processes.push(answer.process);
            processes.len() - 1
        });
        let lane = match number {
            0 => lesson.lane("here"),
            _ => lesson.lane(format_args!("worker {number}")),
        };
        let start = Instant::now() - answer.began.elapsed().unwrap_or_default();
        lane.record(Kind::Working, "", start, start + answer.took);
    }
}
