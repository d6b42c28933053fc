//! `just play LESSON`: you are the scheduler of the lesson's own file; or of yours.
//!
//! Usage: just play LESSON [--fixed] [--schedule DIGITS]
//!        just play LESSON --quiz
//!        just play PATH.rs [--schedule TURNS]
//!
//!   LESSON             race, lock, deadlock, shared-memory or coroutines
//!   --fixed            start with the file that is right
//!   --schedule DIGITS  play this schedule without asking, for example 0011; digits that are
//!                      left over when no thread can go on are left out
//!
//!   --quiz             of any lesson: what its chapter asks before it shows the answer
//!
//!   PATH.rs            your own program, with the lines that its threads are at
//!   --schedule TURNS   begin behind this schedule, as `just prove PATH.rs` prints it
//!
//! A digit is a thread. In a lesson the threads are numbered from 0 as they are listed: `main`
//! only starts them, and takes no step. In your own program 0 is `main`, and the others are
//! numbered from 1, in the order in which they are started.

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use lexopt::prelude::*;
use proofs::manners;
use proofs::own::{self, Asked};
use proofs::play::{Terminal, play, play_fixed, play_schedule};
use proofs::quiz;

fn main() -> ExitCode {
    match asked() {
        Ok(Some(What::File(asked))) => {
            own::play(&asked).unwrap_or_else(|error| own::complain("just play", &*error))
        }
        Ok(Some(What::Lesson {
            name,
            fixed,
            schedule,
        })) => manners::run("just play", || lesson(name, fixed, schedule)),
        Ok(Some(What::Quiz(name))) => manners::run("just play", || quiz::run(name.as_deref())),
        Ok(None) => manners::run("just play", || manners::help(include_str!("play.rs"))),
        Err(error) => own::complain("just play", &error),
    }
}

/// What is to be played.
enum What {
    File(Asked),
    Lesson {
        name: Option<String>,
        fixed: bool,
        schedule: Option<String>,
    },
    Quiz(Option<String>),
}

/// The arguments, in any order; nothing if help is asked for.
fn asked() -> Result<Option<What>, lexopt::Error> {
    let (mut name, mut fixed, mut schedule, mut quiz) = (None, false, None, false);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("fixed") => fixed = true,
            Long("schedule") => schedule = Some(arguments.value()?.string()?),
            Long("quiz") => quiz = true,
            Short('h') | Long("help") => return Ok(None),
            Value(value) if name.is_none() => name = Some(value),
            other => return Err(other.unexpected()),
        }
    }
    if quiz {
        if fixed || schedule.is_some() {
            return Err("--quiz goes with no other option".into());
        }
        return Ok(Some(What::Quiz(name.map(ValueExt::string).transpose()?)));
    }
    Ok(Some(match name {
        Some(path) if own::is_file(&path) => {
            if fixed {
                return Err("--fixed is for a lesson".into());
            }
            What::File(Asked {
                path,
                budget: 0,
                all: false,
                schedule,
            })
        }
        name => What::Lesson {
            name: name.map(ValueExt::string).transpose()?,
            fixed,
            schedule,
        },
    }))
}

fn lesson(
    lesson: Option<String>,
    fixed: bool,
    schedule: Option<String>,
) -> Result<(), Box<dyn Error>> {
    let scenes = proofs::scenes();
    let names: Vec<_> = scenes.iter().map(|scene| scene.lesson).collect();
    let names = names.join(", ");
    let lesson = lesson.ok_or_else(|| lexopt::Error::from(format!("which lesson? {names}")))?;
    let scene = scenes.iter().find(|scene| scene.lesson == lesson);
    let scene = scene.ok_or_else(|| {
        let lesson = lesson.escape_debug();
        lexopt::Error::from(format!("'{lesson}' cannot be played; these can: {names}"))
    })?;

    let mut terminal = Terminal {
        input: io::stdin().lock(),
        output: io::stdout().lock(),
        echo: !io::stdin().is_terminal(),
    };
    match schedule {
        Some(schedule) => play_schedule(scene, fixed, &schedule, &mut terminal.output)?,
        None if fixed => play_fixed(scene, &mut terminal)?,
        None => play(scene, &mut terminal)?,
    }
    Ok(terminal.output.flush()?)
}
