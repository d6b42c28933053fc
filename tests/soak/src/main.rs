//! Faults, for real and at random moments, against the pieces of the lessons.
//!
//!     soak [SECONDS] [--seed N]     rounds of all kinds of faults for so long (60)
//!     soak round KIND SEED          one of them once more
//!
//! Each round is a process of its own, so that it can be killed when it hangs, and so that
//! all it could leave behind is seen. The same seed gives the same sequence of rounds, each
//! with the same seed; when exactly a fault happens is also a matter of the system.
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

const USAGE: &str = "soak [SECONDS] [--seed N], or soak round KIND SEED";

fn main() -> ExitCode {
    faults::work_if_started_by_a_piece();
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let arguments: Vec<_> = arguments
        .iter()
        .map(|text| text.to_string_lossy())
        .collect();
    let arguments: Vec<_> = arguments.iter().map(AsRef::as_ref).collect();
    let task = match parse(&arguments) {
        Ok(task) => task,
        Err(error) => {
            eprintln!("soak: {error} ({USAGE})");
            return ExitCode::from(2);
        }
    };
    let done = match task {
        Task::Help => print(format_args!("{USAGE}\n")).map(|()| true),
        Task::Soak(time, seed) => soak(time, seed),
        Task::Round(kind, seed) => rounds::play(kind, seed).and_then(|tally| {
            print(tally)?;
            Ok(tally.is_clean())
        }),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
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

/// Whoever has closed the pipe wants no more.
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

fn parse<'a>(arguments: &[&'a str]) -> Result<Task<'a>, String> {
    let number = |text: &str| {
        let number = text.parse::<u64>();
        number.map_err(|_| format!("'{text}' is not a whole number"))
    };
    let (seconds, seed) = match *arguments {
        ["--help" | "-h"] => return Ok(Task::Help),
        ["round", kind, seed] if rounds::is_kind(kind) => {
            return Ok(Task::Round(kind, number(seed)?));
        }
        ["round", kind, _] => return Err(format!("there is no kind of fault '{kind}'")),
        [] => ("60", None),
        ["--seed", seed] => ("60", Some(seed)),
        [seconds] => (seconds, None),
        [seconds, "--seed", seed] | ["--seed", seed, seconds] => (seconds, Some(seed)),
        _ => return Err(format!("cannot make sense of '{}'", arguments.join(" "))),
    };
    let seed = seed.map_or_else(|| Ok(rand::random()), number)?;
    Ok(Task::Soak(Duration::from_secs(number(seconds)?), seed))
}
