//! Runs the same work in each of the four ways, several times.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use timing::{Kind, Lesson, pretty, say};

use crate::WAYS;
use crate::ways::{in_processes, in_tasks, on_threads, one_by_one};
use crate::work::{Job, Work};

/// Set for a child process: the number of the work, and the number of its job.
const CHILD: &str = "LESSON_CHOOSING_JOB";

pub struct Measured {
    /// Of the fastest run, in the order of [`WAYS`].
    pub times: [Duration; WAYS.len()],
    /// The sum of what the jobs return, the same in each way.
    pub total: u64,
}

impl Measured {
    pub fn one_by_one(&self) -> Duration {
        self.times[0]
    }

    pub fn best(&self) -> Duration {
        self.times.into_iter().min().unwrap_or_default()
    }
}

/// The ways take turns, so that a busy moment of the machine slows down a run of each.
pub fn measure(lesson: &Lesson, work: Work, runs: usize) -> Result<Measured, Box<dyn Error>> {
    let jobs = work.jobs();
    let plural = if jobs.len() == 1 { "" } else { "s" };
    say!("{} job{plural}, the fastest of {runs} runs:", jobs.len());
    let kind = match jobs[0] {
        Job::Wait(_) => Kind::Waiting,
        Job::Primes { .. } => Kind::Working,
    };
    let each = || jobs.iter().map(|job| || job.run());
    let ways: [&dyn Fn() -> io::Result<Vec<u64>>; WAYS.len()] = [
        &|| Ok(one_by_one(each())),
        &|| on_threads(each()),
        &|| in_children(work, jobs.len()),
        &|| in_tasks(jobs.iter().map(|job| job.run_async())),
    ];
    let mut times = [Duration::MAX; WAYS.len()];
    let mut answers = Vec::new();
    for _ in 0..runs {
        for (way, run) in ways.iter().enumerate() {
            let start = Instant::now();
            answers.push(run()?);
            let end = Instant::now();
            times[way] = times[way].min(end - start);
            lesson.lane(WAYS[way]).record(kind, "", start, end);
        }
    }
    if answers.iter().any(|other| *other != answers[0]) {
        return Err(format!("the ways differ in their answers: {answers:?}").into());
    }
    for (way, time) in WAYS.into_iter().zip(times) {
        say!("{way:<32} {:>9}", pretty(time));
    }
    let total = answers[0].iter().sum();
    Ok(Measured { times, total })
}

/// Each child is a fresh start of this program, with its job in the environment. On Linux
/// the child is the file that runs now, even if another file has taken its path.
fn in_children(work: Work, jobs: usize) -> io::Result<Vec<u64>> {
    let this_program = match cfg!(target_os = "linux") {
        true => "/proc/self/exe".into(),
        false => env::current_exe()?,
    };
    let children = (0..jobs).map(|job| {
        let mut child = Command::new(&this_program);
        child.env(CHILD, format!("{}/{job}", work as usize));
        child
    });
    let answers = in_processes(children)?;
    let numbers = answers.iter().map(|answer| answer.trim().parse());
    numbers.collect::<Result<_, _>>().map_err(io::Error::other)
}

/// In a child: does its job, prints the answer, and returns the status to exit with.
pub fn job_if_child() -> Option<ExitCode> {
    let job = env::var(CHILD).ok()?;
    Some(match in_child(&job) {
        Some(()) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

/// The child makes the same list of jobs, and does one of them.
fn in_child(job: &str) -> Option<()> {
    let (work, job) = job.split_once('/')?;
    let work = *Work::ALL.get(work.parse::<usize>().ok()?)?;
    let job = *work.jobs().get(job.parse::<usize>().ok()?)?;
    writeln!(io::stdout(), "{}", job.run()).ok()
}
