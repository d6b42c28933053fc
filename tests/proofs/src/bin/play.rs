//! `just play`: you are the scheduler of a level, or of a program of yours.
//!
//! Usage: just play
//!        just play LEVEL [--change N] [--schedule TURNS]
//!        just play LESSON --quiz
//!        just play PATH.rs [--schedule TURNS] [--memory sc|rust]
//!
//!   LEVEL             race-1, ...: without it, all levels are listed; race is the first one of
//!                     its lesson
//!   --change N        begin with the program after this change: 1, 2 or 3
//!   --schedule TURNS  play this schedule without asking, for example 1212; turns that are
//!                     left over when no thread can go on are left out
//!
//!   --quiz            of any lesson: what its chapter asks before it shows the answer
//!
//!   PATH.rs           your own program, with the lines that its threads are at
//!   --schedule TURNS  begin behind this schedule, as `just prove PATH.rs` prints it
//!   --memory sc|rust  as for `just prove`
//!
//! A turn is the number of a thread: 0 is `main`, and the others are numbered from 1, in the order
//! in which they are started. Behind it stands t if its time is over, s if it wakes up for no
//! reason, a if it reads the write before the newest one or puts its own before that, and b, c and
//! so on for older ones.

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use lexopt::prelude::*;
use proofs::level::Level;
use proofs::manners;
use proofs::own::{self, Asked};
use proofs::play::{Terminal, list, play, play_schedule};
use proofs::quiz;

fn main() -> ExitCode {
    match asked() {
        Ok(Some(What::File(asked))) => {
            own::play(&asked).unwrap_or_else(|error| own::complain("just play", &*error))
        }
        Ok(Some(What::Level {
            name,
            change,
            schedule,
        })) => manners::run("just play", || level(name, change, schedule)),
        Ok(Some(What::Quiz(name))) => manners::run("just play", || quiz::run(name.as_deref())),
        Ok(None) => manners::run("just play", || manners::help(include_str!("play.rs"))),
        Err(error) => own::complain("just play", &error),
    }
}

/// What is to be played.
enum What {
    File(Asked),
    Level {
        name: Option<String>,
        change: usize,
        schedule: Option<String>,
    },
    Quiz(Option<String>),
}

/// The arguments, in any order; nothing if help is asked for.
fn asked() -> Result<Option<What>, lexopt::Error> {
    let (mut name, mut change, mut schedule, mut quiz) = (None, 0, None, false);
    let mut memory = None;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("change") => change = arguments.value()?.parse()?,
            Long("schedule") => schedule = Some(arguments.value()?.string()?),
            Long("quiz") => quiz = true,
            Long("memory") => memory = Some(arguments.value()?.parse()?),
            Short('h') | Long("help") => return Ok(None),
            Value(value) if name.is_none() => name = Some(value),
            other => return Err(other.unexpected()),
        }
    }
    if memory.is_some() && !name.as_deref().is_some_and(own::is_file) {
        return Err("--memory is for a file: PATH.rs".into());
    }
    if quiz {
        if change != 0 || schedule.is_some() {
            return Err("--quiz goes with no other option".into());
        }
        return Ok(Some(What::Quiz(name.map(ValueExt::string).transpose()?)));
    }
    Ok(Some(match name {
        Some(path) if own::is_file(&path) => {
            if change != 0 {
                return Err("--change is for a level".into());
            }
            What::File(Asked {
                path,
                budget: 0,
                all: false,
                schedule,
                memory,
            })
        }
        None if change != 0 || schedule.is_some() => return Err("of which level?".into()),
        name => What::Level {
            name: name.map(ValueExt::string).transpose()?,
            change,
            schedule,
        },
    }))
}

fn level(
    name: Option<String>,
    change: usize,
    schedule: Option<String>,
) -> Result<(), Box<dyn Error>> {
    let levels = Level::all()?;
    let mut terminal = Terminal {
        input: io::stdin().lock(),
        output: io::stdout().lock(),
        echo: !io::stdin().is_terminal(),
    };
    let Some(name) = name else {
        list(&levels, &mut terminal.output)?;
        return Ok(terminal.output.flush()?);
    };
    let mut named = levels
        .iter()
        .filter(|level| [&level.name, &level.lesson].contains(&&name));
    let level = named.next().ok_or_else(|| {
        let name = name.escape_debug();
        lexopt::Error::from(format!(
            "there is no level '{name}': `just play` lists them"
        ))
    })?;
    if change >= level.versions.len() {
        let (name, most) = (&level.name, level.versions.len() - 1);
        let message = format!("{name} has no change {change}: there are {most}");
        return Err(lexopt::Error::from(message).into());
    }
    match schedule {
        Some(schedule) => play_schedule(level, change, &schedule, &mut terminal.output)?,
        None => play(level, change, &mut terminal)?,
    }
    Ok(terminal.output.flush()?)
}
