//! `just play LESSON`: you are the scheduler of the lesson's own file.
//!
//! Usage: just play LESSON [--fixed] [--schedule DIGITS]
//!
//!   LESSON             race, lock, deadlock, shared-memory or coroutines
//!   --fixed            start with the file that is right
//!   --schedule DIGITS  play this schedule without asking, for example 0011; digits that are
//!                      left over when nobody can go on are left out

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use lexopt::prelude::*;
use proofs::manners;
use proofs::play::{Terminal, play, play_fixed, play_schedule};

fn main() -> ExitCode {
    manners::run("just play", || {
        let (mut lesson, mut fixed, mut schedule) = (None, false, None);
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("fixed") => fixed = true,
                Long("schedule") => schedule = Some(arguments.value()?.string()?),
                Short('h') | Long("help") => return manners::help(include_str!("play.rs")),
                Value(name) if lesson.is_none() => lesson = Some(name.string()?),
                other => return Err(other.unexpected().into()),
            }
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
