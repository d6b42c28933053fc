//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 processes-2.rs && ./processes-2

use std::io;
use std::os::unix::process::ExitStatusExt;
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
    // Only one pipe: nothing can hang.
    let told = program.stderr(Stdio::null()).output()?;
    let status = told.status;
    let ended = match status.signal() {
        Some(signal) => Ended::Killed(signal),
        None => Ended::Code(status.code().unwrap_or_default()),
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
