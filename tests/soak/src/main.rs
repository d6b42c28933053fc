//! Faults, for real and at random moments, against the pieces of the lessons.
//!
//! Each round is a process of its own, so that it can be killed when it hangs, and so that
//! all it could leave behind is seen. The same seed gives the same rounds in the same order;
//! when exactly a fault happens is also a matter of the system.
//!
//! The exit status is 0 if no job was lost without a word, no answer was wrong, nothing hung
//! or crashed, and no process, zombie, descriptor or file was left; else 1.

mod faults;
mod pieces;
mod possessions;
mod rounds;
mod tally;

use std::env;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::time::Duration;

const USAGE: &str = "soak [SECONDS] [--seed N], or once more: soak round KIND SEED";

fn main() -> ExitCode {
    faults::work_if_started_by_a_piece();
    let arguments = env::args_os().skip(1);
    let arguments: Vec<_> = arguments
        .map(|text| text.to_string_lossy().into_owned())
        .collect();
    let Some(task) = parse(&arguments) else {
        eprintln!("soak: cannot make sense of {arguments:?} ({USAGE})");
        return ExitCode::from(2);
    };
    let done = match task {
        Task::Help => print(format_args!("{USAGE}\n")).map(|()| true),
        Task::Soak(time, seed) => soak(time, seed),
        Task::Round(kind, seed) => {
            rounds::play(kind, seed).and_then(|tally| print(tally).map(|()| tally.is_clean()))
        }
    };
    match done {
        Ok(all_is_well) => ExitCode::from(u8::from(!all_is_well)),
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Says whether all was well.
fn soak(time: Duration, seed: u64) -> io::Result<bool> {
    print(format_args!("seed {seed}, {time:?}\n"))?;
    let rows = rounds::play_all(time, seed)?;
    print(tally::table(&rows))?;
    Ok(rows.iter().all(|(_, tally)| tally.is_clean()))
}

/// A reader that has closed the pipe wants no more: that is no error.
fn print(text: impl Display) -> io::Result<()> {
    let mut stdout = io::stdout();
    match write!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

enum Task<'a> {
    Soak(Duration, u64),
    Round(&'a str, u64),
    Help,
}

fn parse(arguments: &[String]) -> Option<Task<'_>> {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (seconds, seed) = match arguments[..] {
        ["--help" | "-h"] => return Some(Task::Help),
        ["round", kind, seed] => {
            let known = faults::KINDS.iter().any(|known| known.0 == kind);
            return known.then_some(Task::Round(kind, seed.parse().ok()?));
        }
        [] => ("60", None),
        ["--seed", seed] => ("60", Some(seed)),
        [seconds] => (seconds, None),
        [seconds, "--seed", seed] | ["--seed", seed, seconds] => (seconds, Some(seed)),
        _ => return None,
    };
    let seed = seed.map_or_else(|| Some(rand::random()), |seed| seed.parse().ok())?;
    Some(Task::Soak(Duration::from_secs(seconds.parse().ok()?), seed))
}
