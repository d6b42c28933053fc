//! Repair `run`: a program that takes too long is killed, and leaves nothing behind.
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
    let _ = limit;
    let mut child = program.spawn()?;
    Ok(child.wait()?.code())
}

fn main() -> io::Result<()> {
    let mut sleep = Command::new("sleep");
    println!("{:?}", run(sleep.arg("5"), Duration::from_millis(100))?);
    Ok(())
}
