//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 processes-2.rs && ./processes-2

use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::thread;

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
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let errors = thread::spawn(move || read(stderr));
    let output = read(stdout);
    let errors = errors.join().unwrap();
    let status = child.wait()?;
    let ended = match status.signal() {
        Some(signal) => Ended::Killed(signal),
        None => Ended::Code(status.code().unwrap_or_default()),
    };
    Ok(Ran {
        output: output?,
        errors: errors?,
        ended,
    })
}

/// As much as a pipe holds: more is refused, so that no pipe can be full.
fn read(pipe: Option<impl Read>) -> io::Result<String> {
    let mut text = String::new();
    if let Some(pipe) = pipe {
        pipe.take(65_537).read_to_string(&mut text)?;
    }
    match text.len() {
        0..=65_536 => Ok(text),
        _ => Err(io::Error::other("too much")),
    }
}

fn main() -> io::Result<()> {
    let mut shell = Command::new("sh");
    let ran = run(shell.args(["-c", "echo a line; echo an error >&2; exit 3"]))?;
    println!("{ran:?}");
    Ok(())
}
