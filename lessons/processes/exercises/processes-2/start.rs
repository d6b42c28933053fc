//! A program that writes much may hang. Repair `run`.
//!
//! It also runs as it is: rustc --edition 2024 processes-2.rs && ./processes-2

use std::io::{self, Read};
use std::process::{Command, Stdio};

/// How a program has ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// With this exit code.
    Code(i32),
    /// It was killed, by this signal.
    Killed(i32),
}

/// What a program has written, and how it has ended.
#[derive(Debug)]
pub struct Ran {
    pub output: String,
    pub errors: String,
    pub ended: Ended,
}

/// Runs a program to its end.
///
/// # Errors
///
/// If it cannot be started, or does not write UTF-8.
pub fn run(program: &mut Command) -> io::Result<Ran> {
    program.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn()?;
    let (mut output, mut errors) = (String::new(), String::new());
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut output)?;
    }
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut errors)?;
    }
    let code = child.wait()?.code();
    Ok(Ran {
        output,
        errors,
        ended: Ended::Code(code.unwrap_or(-1)),
    })
}

fn main() -> io::Result<()> {
    let mut shell = Command::new("sh");
    let ran = run(shell.args(["-c", "echo a line; echo an error >&2; exit 3"]))?;
    println!("{ran:?}");
    Ok(())
}
