//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 processes-2.rs && ./processes-2

use std::io;
use std::process::Command;

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
    let told = program.output()?;
    let status = told.status;
    // A shell says 128 and the number of the signal.
    let ended = match status.code() {
        Some(code) if code < 128 => Ended::Code(code),
        code => Ended::Killed(code.map_or(9, |code| code - 128)),
    };
    let text = |bytes| String::from_utf8(bytes).map_err(io::Error::other);
    Ok(Ran {
        output: text(told.stdout)?,
        errors: text(told.stderr)?,
        ended,
    })
}

fn main() -> io::Result<()> {
    let mut shell = Command::new("sh");
    let ran = run(shell.args(["-c", "echo a line; echo an error >&2; exit 3"]))?;
    println!("{ran:?}");
    Ok(())
}
