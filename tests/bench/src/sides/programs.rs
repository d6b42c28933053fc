//! Whole programs, the lesson's and its Python version: what they take beyond their waits.

use std::env;
use std::process::{Command, Stdio};

use super::{Outcome, Side, seconds};
use across::{python_program, root};

pub const SIDES: &[Side] = &[
    ("race", || beyond(lesson("race")?, 4.0)),
    ("race-python", || beyond(python("race"), 4.0)),
    ("race-sleep", || sleep(4.0)),
    ("lock", || beyond(lesson("lock")?, 4.0)),
    ("lock-python", || beyond(python("lock"), 4.0)),
    ("lock-sleep", || sleep(4.0)),
    ("user-io", || beyond(lesson("user-io")?, 19.0)),
    ("user-io-python", || beyond(python("user-io"), 19.0)),
    ("user-io-sleep", || sleep(19.0)),
];

const SPEED: f64 = 10.0;

/// The system's own program for waiting.
fn sleep(waits: f64) -> Outcome {
    let mut sleep = Command::new("sleep");
    sleep.arg((waits / SPEED).to_string());
    beyond(sleep, waits)
}

/// `waits`: the seconds of waits in it, at the speed of the tutorial.
fn beyond(mut program: Command, waits: f64) -> Outcome {
    let program = program.env("LESSON_SPEED", SPEED.to_string());
    let mut status = None;
    let took = seconds(|| status = Some(program.stdout(Stdio::null()).status()));
    let status = status.expect("just done")?;
    if !status.success() {
        return Err(format!("{program:?}: {status}").into());
    }
    Ok(vec![("ms", (took - waits / SPEED) * 1e3)])
}

fn lesson(name: &str) -> std::io::Result<Command> {
    Ok(Command::new(
        env::current_exe()?.with_file_name(format!("lesson-{name}")),
    ))
}

fn python(name: &str) -> Command {
    let mut python = Command::new(python_program());
    python.arg(root().join(format!("lessons/{name}/lesson.py")));
    python
}
