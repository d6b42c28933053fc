//! The sides that are not Python's: our pieces, the baselines and the peers. Each runs in a
//! process of its own and prints its numbers.

mod coroutines;
mod fetch;
mod futures;
mod gil;
mod pipe;
mod pool;
mod processes;
mod programs;
mod prove;
mod queue;
mod shared_memory;

use std::error::Error;
use std::io::{self, Write};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// What a side has measured, by name.
pub type Values = Vec<(&'static str, f64)>;

type Outcome = Result<Values, Box<dyn Error>>;
type Side = (&'static str, fn() -> Outcome);
type SideByNumber = (&'static str, fn(u64) -> Outcome);

/// All sides, by name.
const ALL: &[&[Side]] = &[
    coroutines::SIDES,
    fetch::SIDES,
    futures::SIDES,
    gil::SIDES,
    pipe::SIDES,
    pool::SIDES,
    processes::SIDES,
    programs::SIDES,
    prove::SIDES,
    queue::SIDES,
    shared_memory::SIDES,
];

/// Sides of which there is one for each number.
const BY_NUMBER: &[SideByNumber] = &[
    ("map", pool::map),
    ("tasks", coroutines::tasks),
    ("threads", coroutines::threads),
    ("pages", fetch::pages),
    ("messages", pipe::messages),
];

/// Workers and children of the pieces are this program, started anew.
pub fn work_if_started_by_a_piece() {
    pool::work_if_worker();
    queue::run_if_child();
}

/// Runs a side and prints what it has measured.
pub fn run(name: &str) -> Result<(), Box<dyn Error>> {
    let unknown = || format!("there is no side '{name}'");
    let values = if let Some((name, number)) = name.split_once('=') {
        let side = BY_NUMBER.iter().find(|side| side.0 == name);
        side.ok_or_else(unknown)?.1(number.parse()?)
    } else {
        let side = ALL.iter().copied().flatten().find(|side| side.0 == name);
        side.ok_or_else(unknown)?.1()
    };
    for (name, value) in values? {
        writeln!(io::stdout(), "{name} {value:e}")?;
    }
    Ok(())
}

/// The seconds that this takes.
fn seconds<T>(act: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    act();
    start.elapsed().as_secs_f64()
}

/// The processor time that this process has used, in seconds, and the most memory, in MiB.
fn used() -> nix::Result<(f64, f64)> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let time = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok((time as f64 / 1e6, usage.max_rss() as f64 / 1024.0))
}
