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

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use lexopt::prelude::*;
use proofs::manners;
use proofs::own::{self, Asked};
use proofs::play::{Terminal, play, play_fixed, play_schedule};

fn main() -> ExitCode {
    match own_program() {
        Ok(Some(asked)) => {
            own::play(&asked).unwrap_or_else(|error| own::complain("just play", &*error))
        }
        Ok(None) => lesson(),
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

fn lesson() -> ExitCode {
    manners::run("just play", || {
        let (mut lesson, mut fixed, mut schedule, mut quiz) = (None, false, None, false);
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("fixed") => fixed = true,
                Long("schedule") => schedule = Some(arguments.value()?.string()?),
                Long("quiz") => quiz = true,
                Short('h') | Long("help") => return manners::help(include_str!("play.rs")),
                Value(name) if lesson.is_none() => lesson = Some(name.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        if quiz {
            return match (fixed, schedule) {
                (false, None) => proofs::quiz::run(lesson.as_deref()),
                _ => Err(lexopt::Error::from("--quiz goes with no other option").into()),
            };
        }
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
    })
}
