//! **Choosing**: threads, processes or async, by what the work mostly does.
//!
//! Python: `threading`, `multiprocessing`, `asyncio`
//! Rust: `thread::scope`, `process::Command`, `tokio`
//!
//!     cargo run -p lesson-choosing        (5 seconds)
//!
//! Three kinds of work: many slow waits, a few quick ones, and computing. Each is
//! done one by one, on threads, in processes and in async tasks, several times, and
//! the fastest run counts. At last the table, and whether the rule of thumb holds.
//!
//! Take away: `src/ways.rs`, the four ways side by side.

mod ways;

use std::error::Error;
use std::io::{self, Write};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, thread};

use timing::{Kind, Lesson, pretty, say};
use ways::{in_processes, in_tasks, on_threads, one_by_one};

const WAYS: [&str; 4] = ["one by one", "threads", "processes", "async"];
/// The kinds of work, what a job of it is, the number of runs, and what the rule says.
const WORKS: [(&str, &str, u32, &str); 3] = [
    ("Slow waits", "a hundredth of a second", 3, "async"),
    ("Quick waits", "a thousandth of a second", 10, "threads"),
    ("Computing", "a share of the primes", 4, "processes"),
];
/// Two times are a tie if one is longer by less than this: a busy machine adds as much.
const TIE: f64 = 0.05;
/// The primes below this are counted.
const LIMIT: u64 = 400_000;
/// Set for a child process: which job of which work it is there for.
const CHILD: &str = "LESSON_CHOOSING_JOB";

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;
/// The time of the fastest run in each of the ways.
type Times = [Duration; WAYS.len()];

fn main() -> ExitCode {
    if let Ok(job) = env::var(CHILD) {
        return in_child(&job).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let mut table = Vec::new();
        for (work, each, runs, rule) in WORKS {
            let act = lesson.act(format_args!("{work}: {each} each"));
            let (times, answer) = measure(lesson, work, runs)?;
            act.end(answer);
            table.push((work, times, rule));
        }
        print(lesson, &table);
        for (work, times, _) in table {
            let work = format!("choosing: {}", work.to_lowercase());
            lesson.speedup(&work, times[0], best(&times), None);
        }
        Ok(())
    })
}

#[derive(Clone, Copy)]
enum Job {
    Wait(Duration),
    /// Count the primes in the share of one of the cores.
    Primes {
        core: u64,
        cores: u64,
    },
}

fn jobs(work: &str) -> Vec<Job> {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    match work {
        "Slow waits" => vec![Job::Wait(timing::seconds(0.01)); 100],
        "Quick waits" => vec![Job::Wait(timing::seconds(0.001)); 10],
        _ => (0..cores).map(|core| Job::Primes { core, cores }).collect(),
    }
}

impl Job {
    /// Answers how many waits or primes there were.
    fn run(self) -> u64 {
        match self {
            Self::Wait(time) => {
                thread::sleep(time);
                1
            }
            Self::Primes { core, cores } => primes(core, cores),
        }
    }

    /// A wait lets go of the thread, computing has nothing to wait for and keeps it.
    async fn run_async(self) -> u64 {
        match self {
            Self::Wait(time) => {
                tokio::time::sleep(time).await;
                1
            }
            Self::Primes { core, cores } => primes(core, cores),
        }
    }
}

/// The cores take turns, a thousand numbers each: the larger ones take longer.
fn primes(core: u64, cores: u64) -> u64 {
    let share = (2..LIMIT).filter(|number| number / 1000 % cores == core);
    let is_prime = |number: &u64| {
        let mut divisors = (2..).take_while(|divisor| divisor * divisor <= *number);
        !divisors.any(|divisor| number.is_multiple_of(divisor))
    };
    share.filter(is_prime).count() as u64
}

/// The ways take turns as well, so that a busy moment of the machine does not hit all the
/// runs of one of them.
fn measure(lesson: &Lesson, work: &str, runs: u32) -> Result<(Times, String)> {
    let jobs = jobs(work);
    let plural = if jobs.len() == 1 { "" } else { "s" };
    say!("{} job{plural}, the fastest of {runs} runs:", jobs.len());
    let (what, kind) = match jobs[0] {
        Job::Wait(_) => ("waits", Kind::Waiting),
        Job::Primes { .. } => ("primes", Kind::Working),
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
    let total: u64 = answers[0].iter().sum();
    Ok((times, format!("{total} {what}, in each of the ways")))
}

/// Each child is a fresh start of this program, with its job in the environment. On Linux
/// by the file that runs now: the one at its path may be another by then, or gone.
fn in_children(work: &str, jobs: usize) -> io::Result<Vec<u64>> {
    let this_program = match cfg!(target_os = "linux") {
        true => "/proc/self/exe".into(),
        false => env::current_exe()?,
    };
    let children = (0..jobs).map(|job| {
        let mut child = Command::new(&this_program);
        child.env(CHILD, format!("{work}/{job}"));
        child
    });
    let answers = in_processes(children)?;
    let numbers = answers.iter().map(|answer| answer.trim().parse());
    let numbers: std::result::Result<_, _> = numbers.collect();
    numbers.map_err(io::Error::other)
}

/// The child makes the same list of jobs, and does the one that it is there for.
fn in_child(job: &str) -> Option<()> {
    let (work, job) = job.split_once('/')?;
    let job = *jobs(work).get(job.parse::<usize>().ok()?)?;
    writeln!(io::stdout(), "{}", job.run()).ok()
}

fn best(times: &Times) -> Duration {
    times.iter().copied().min().unwrap_or_default()
}

fn print(lesson: &Lesson, table: &[(&str, Times, &str)]) {
    let act = lesson.act("The table, and the rule of thumb");
    let [a, b, c, d] = WAYS;
    say!("{:12}{a:>11}{b:>11}{c:>11}{d:>11}", "");
    for (work, times, rule) in table {
        let [a, b, c, d] = times.map(pretty);
        say!("{work:12}{a:>11}{b:>11}{c:>11}{d:>11}");
        let limit = best(times).mul_f64(1.0 + TIE);
        let fastest = WAYS.iter().zip(times).filter(|(_, time)| **time <= limit);
        let fastest: Vec<_> = fastest.map(|(way, _)| *way).collect();
        let verdict = match &fastest[..] {
            [one] if one == rule => "right here",
            several if several.contains(rule) => "a tie here",
            _ => "wrong here",
        };
        let fastest = fastest.join(", ");
        say!("  fastest: {fastest}; the rule says {rule}: {verdict}");
    }
    act.end(format_args!("within {:.0} % it is a tie", TIE * 100.0));
}
