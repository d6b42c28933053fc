//! `just play`: you are the scheduler of a level, or of a program of yours.
//!
//! Usage: just play
//!        just play LEVEL [--change N] [--schedule TURNS]
//!        just play PATH.rs [--schedule TURNS]
//!
//!   LEVEL             race-1, ...: without it, all levels are listed; race is the first one of
//!                     its lesson
//!   --change N        begin with the program after this change: 1, 2 or 3
//!   --schedule TURNS  play this schedule without asking, for example 1212; turns that are
//!                     left over when no thread can go on are left out
//!
//!   PATH.rs           your own program, with the lines that its threads are at
//!   --schedule TURNS  begin behind this schedule, as `just prove PATH.rs` prints it
//!
//! A turn is the number of a thread, 0 for `main`, and t behind it if its time is over, s if it
//! wakes up for no reason.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use lexopt::prelude::*;
use proofs::level::Level;
use proofs::manners;
use proofs::own::{self, Asked};
use proofs::play::{Terminal, list, play, play_schedule};

fn main() -> ExitCode {
    match own_program() {
        Ok(Some(asked)) => {
            own::play(&asked).unwrap_or_else(|error| own::complain("just play", &*error))
        }
        Ok(None) => level(),
        Err(error) => own::complain("just play", &error),
    }
}

/// The file that is to be played, if the first argument is one.
fn own_program() -> Result<Option<Asked>, lexopt::Error> {
    let mut arguments = lexopt::Parser::from_env();
    let path = match arguments.next()? {
        Some(Value(path)) if path.to_str().is_none_or(own::is_file) => path,
        _ => return Ok(None),
    };
    let mut schedule = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("schedule") => schedule = Some(arguments.value()?.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(Asked {
        path,
        budget: 0,
        all: false,
        schedule,
    }))
}

fn level() -> ExitCode {
    manners::run("just play", || {
        let (mut asked, mut change, mut schedule) = (None, 0, None);
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("change") => change = arguments.value()?.parse()?,
                Long("schedule") => schedule = Some(arguments.value()?.string()?),
                Short('h') | Long("help") => return manners::help(include_str!("play.rs")),
                Value(name) if asked.is_none() => asked = Some(name.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        let levels = Level::all()?;
        let mut terminal = Terminal {
            input: io::stdin().lock(),
            output: io::stdout().lock(),
            echo: !io::stdin().is_terminal(),
        };
        let Some(asked) = asked else {
            list(&levels, &mut terminal.output)?;
            return Ok(terminal.output.flush()?);
        };
        let mut named = levels
            .iter()
            .filter(|level| [&level.name, &level.lesson].contains(&&asked));
        let level = named.next().ok_or_else(|| {
            let asked = asked.escape_debug();
            lexopt::Error::from(format!(
                "there is no level '{asked}': `just play` lists them"
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
    })
}
