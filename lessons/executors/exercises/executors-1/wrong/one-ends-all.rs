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
    let programs = Mutex::new(programs.into_iter().enumerate());
    let worker = || {
        let mut answers = Vec::new();
        loop {
            // Here the lock is released, before the program runs.
            let next = programs.lock().unwrap().next();
            match next {
                Some((place, program)) => answers.push((place, run(program))),
                None => return answers,
            }
        }
    };
    let mut answers: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..limit).map(|_| scope.spawn(worker)).collect();
        let workers = workers.into_iter();
        workers.flat_map(|worker| worker.join().unwrap()).collect()
    });
    answers.sort_by_key(|(place, _)| *place);
    let answers: Result<Vec<_>, _> = answers.into_iter().map(|(_, answer)| answer).collect();
    match answers {
        Ok(outputs) => outputs.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    }
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
