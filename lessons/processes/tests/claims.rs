//! What the chapter claims of the lesson, checked. What it claims of `children.rs`: children.rs.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{self, Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use nix::sys::signal::{self, SigHandler, Signal};

const LESSON: &str = env!("CARGO_BIN_EXE_lesson-processes");

/// What the lesson prints, as fast as it goes.
fn output() -> String {
    output_of(&mut Command::new(LESSON))
}

fn output_of(lesson: &mut Command) -> String {
    let output = lesson.env("LESSON_SPEED", "1000").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What the lesson says when a limit of the shell leaves it too little.
fn output_under(limit: &str) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit {limit}; exec \"$0\""), LESSON]);
    shell.env("LESSON_SPEED", "1000").output().unwrap()
}

#[test]
fn five_ids_all_different_none_the_parents_and_every_exit_status_read() {
    let output = output();
    let act = output.split("\n\n").nth(1).unwrap();
    let (_, parent) = act.split_once("the parent is process ").unwrap();
    let parent = parent.lines().next().unwrap();
    let told = act.lines().filter_map(|line| {
        let (_, ids) = line.split_once("I am process ")?;
        ids.split_once(", my parent is ")
    });
    let mut ids = HashSet::from([parent]);
    for (id, its_parent) in told {
        assert_eq!(its_parent, parent, "{output}");
        ids.insert(id);
    }
    assert_eq!(ids.len(), 6, "{output}");
    assert!(
        act.contains("=> 5 of 5 left with exit status 0"),
        "{output}"
    );
}

#[test]
fn the_parents_variable_is_unchanged() {
    let output = output();
    assert!(output.contains("child:  the balance is 20\n"), "{output}");
    assert!(output.contains("parent: the balance is 100\n"), "{output}");
}

#[test]
fn the_parent_says_which_child_failed_and_why() {
    assert_failures_are_told(&output());
}

fn assert_failures_are_told(output: &str) {
    for words in [
        "=> 5 of 5 left with exit status 0",
        "child 2: no answer, panicked at ",
        "src/main.rs:",
        ": out of paper\n",
        "child 3: no answer, killed by SIGKILL\n",
    ] {
        assert!(output.contains(words), "{output}");
    }
}

/// A program inherits it. The system keeps no exit statuses then.
#[test]
fn with_sigchld_ignored_it_is_all_the_same() {
    let mut lesson = Command::new(LESSON);
    let ignore = || {
        // SAFETY: to ignore a signal runs no code.
        unsafe { signal::signal(Signal::SIGCHLD, SigHandler::SigIgn) }?;
        Ok(())
    };
    // SAFETY: the child only asks the system for this.
    unsafe { lesson.pre_exec(ignore) };
    assert_failures_are_told(&output_of(&mut lesson));
}

/// As by an upgrade. The fresh start is one of the program that runs.
#[test]
fn the_programs_file_may_be_removed_meanwhile() {
    // Another name, and not a copy: a file that has just been written may still be busy.
    let name = format!("{LESSON}-{}", process::id());
    fs::hard_link(LESSON, &name).unwrap();
    let mut command = Command::new(&name);
    let lesson = command.env("LESSON_SPEED", "10").stdout(Stdio::piped());
    let lesson = lesson.stderr(Stdio::piped()).spawn();
    let mut lesson = lesson.unwrap();
    // The first act begins, and takes a tenth of a second.
    let mut stdout = BufReader::new(lesson.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    fs::remove_file(&name).unwrap();
    let mut output = String::new();
    stdout.read_to_string(&mut output).unwrap();
    let told = lesson.wait_with_output().unwrap();
    assert!(told.status.success(), "{told:?}");
    assert!(output.contains("=> nothing is copied"), "{output}");
}

/// The best of a few runs: on a busy machine there may be no second core to be had.
#[test]
fn on_two_cores_or_more_the_work_takes_less_time() {
    if thread::available_parallelism().unwrap().get() < 2 {
        return;
    }
    let speedup = || {
        let output = output();
        let (_, speedup) = output.rsplit_once("speed-up ").unwrap();
        let (speedup, _) = speedup.split_once('x').unwrap();
        speedup.parse::<f64>().unwrap()
    };
    assert!((0..10).any(|_| speedup() > 1.2));
}

#[test]
fn a_shortage_is_one_line_that_says_what_to_do() {
    let output = output_under("-n 8");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(line.contains("raise `ulimit -n`"), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
}

/// A child that finds out only when its wait is over would live for ten seconds.
#[test]
fn no_child_survives_a_parent_that_is_killed() {
    let mut lesson = Command::new(LESSON)
        .env("LESSON_SPEED", "0.1")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let id = lesson.id();
    let start = Instant::now();
    let children = loop {
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        let children: Vec<_> = children.split_whitespace().map(str::to_owned).collect();
        if children.len() == 5 {
            break children;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{children:?}");
        thread::yield_now();
    };
    let killed = Instant::now();
    lesson.kill().unwrap();
    lesson.wait().unwrap();
    while children.iter().any(|child| is_running(child)) {
        assert!(killed.elapsed() < Duration::from_secs(60), "{children:?}");
        thread::yield_now();
    }
}

/// A zombie is not running: its new parent has yet to reap it.
fn is_running(id: &str) -> bool {
    fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
