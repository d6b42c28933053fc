//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 executors-1.rs && ./executors-1

use std::process::Command;
use std::sync::Mutex;
use std::thread;

/// Runs all programs, at most `limit` of them at a time. Returns an answer for each, in their
/// order: what it has written, or why it has failed. A program that fails does not stop the
/// others.
pub fn run_all(programs: Vec<Command>, limit: usize) -> Vec<Result<String, String>> {
    let programs = Mutex::new(programs.into_iter());
    let answers = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let Some(program) = programs.lock().unwrap().next() else {
                return;
            };
            let answer = run(program);
            answers.lock().unwrap().push(answer);
        }
    };
    thread::scope(|scope| {
        (0..limit).for_each(|_| drop(scope.spawn(worker)));
    });
    answers.into_inner().unwrap()
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
