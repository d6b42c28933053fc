//! A child that is a fresh start of this program.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::process::{self, Command, ExitCode};

/// The file of this program, even if it has been replaced or removed since the start.
const THIS_PROGRAM: &str = "/proc/self/exe";
/// The environment variable that makes a start a child: the balance that it is given.
const CHILD: &str = "LESSON_PROCESSES_CHILD";

/// Starts this program anew, waits for its end, and returns what it has printed.
pub fn start(balance: u32) -> Result<String, Box<dyn Error>> {
    let output = Command::new(THIS_PROGRAM)
        .env(CHILD, balance.to_string())
        .output()
        .map_err(|error| format!("cannot start {THIS_PROGRAM}: {error}"))?;
    if !output.status.success() {
        return Err(format!("the fresh child failed: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// In such a child: does its work, and returns its exit status. Elsewhere `None`.
pub fn run_if_child() -> Option<ExitCode> {
    let balance = env::var(CHILD).ok()?;
    Some(match pay_out(&balance) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

fn pay_out(balance: &str) -> Result<(), Box<dyn Error>> {
    let id = process::id();
    let balance: u32 = balance.parse()?;
    let after = balance.checked_sub(80).ok_or("too little")?;
    writeln!(io::stdout(), "I am process {id}, the balance is {after}")?;
    Ok(())
}
