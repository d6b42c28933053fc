//! What the chapter claims of the lesson, checked. What it claims of the pieces, and the many
//! random kills: kills.rs.

#[path = "../src/racy_counter.rs"]
mod racy_counter;

use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::AtomicU64;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{self, SigHandler, Signal};
use nix::unistd::Pid;
use racy_counter::add_one;

const LESSON: &str = env!("CARGO_BIN_EXE_lesson-shared-memory");

/// Far longer than the lesson takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the lesson prints at the given speed.
fn output(speed: &str) -> String {
    let mut command = Command::new(LESSON);
    let output = run(command.env("LESSON_SPEED", speed));
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Like `Command::output`, but with a limit.
fn run(command: &mut Command) -> Output {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut lesson = command.spawn().unwrap();
    // It prints far less than a pipe holds.
    wait(&mut lesson);
    lesson.wait_with_output().unwrap()
}

/// The one schedule that matters: another one counts wholly between reading and writing.
#[test]
fn reading_and_writing_back_loses_an_update() {
    let counter = AtomicU64::new(0);
    add_one(&counter, || add_one(&counter, || ()));
    assert_eq!(counter.into_inner(), 1);
}

#[test]
fn at_any_speed_one_of_two_is_lost_and_the_others_are_exact() {
    for speed in ["20", "100", "1000"] {
        let output = output(speed);
        for exact in [
            "2 tills count one: the counter says 1\n",
            "=> lost for certain: 1 of 2 (",
            "=> the counter says 1000000 (",
            "   total 240, tills [80, 80, 80], repairs 0\n",
            "=> total 1000000, tills [500000, 500000, 0], repairs 0 (",
        ] {
            assert!(output.contains(exact), "{exact}: {output}");
        }
    }
}

#[test]
fn after_the_death_of_a_holder_the_next_one_repairs_and_goes_on() {
    let output = output("20");
    let next = "=> total 150, tills [80, 70, 0], repairs 1 (";
    assert!(output.contains(next), "{output}");
}

#[test]
fn the_manager_has_it_all_and_its_death_is_an_error() {
    let output = output("20");
    for line in [
        "   till 1: Some(20), till 9: None\n   length of the list: 60\n",
        "=> {\"till 1\": 20, \"till 2\": 20, \"till 3\": 20}, the list sums up to 630 (",
        "   parent: the manager is gone\n   => 3 of 3 tills are told, none hangs (",
    ] {
        assert!(output.contains(line), "{line}: {output}");
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
    let output = run(lesson.env("LESSON_SPEED", "1000"));
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("repairs 1 ("), "{printed}");
    assert!(printed.contains("3 of 3 tills are told"), "{printed}");
}

/// `kill -9` of any child of the lesson, at many moments: if it was not one that the lesson
/// kills itself, that is one line on standard error, and the other children go as well.
#[test]
fn a_child_killed_from_outside_is_one_line_and_no_hang() {
    let mut hits = 0;
    for round in 0..1000_u64 {
        let mut lesson = Command::new(LESSON)
            .env("LESSON_SPEED", "20")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // At speed 20 all is over after half a second.
        let moment = Duration::from_millis(round * 37 % 400);
        thread::sleep(moment);
        let children = children(&lesson);
        if let Some(child) = children.get(round as usize % children.len().max(1)) {
            // If it has ended meanwhile, it is hardly another process by now.
            hits += u32::from(signal::kill(*child, Signal::SIGKILL).is_ok());
        }
        let status = wait(&mut lesson);
        for child in children {
            wait_until_gone(child);
        }
        let mut stderr = String::new();
        let mut pipe = lesson.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        match status.code() {
            Some(0) => assert_eq!(stderr, "", "after {moment:?}"),
            Some(1) => assert_eq!(stderr.lines().count(), 1, "after {moment:?}: {stderr}"),
            _ => panic!("after {moment:?}: {status}, {stderr}"),
        }
        if round >= 40 && hits >= 10 {
            return;
        }
    }
    panic!("only {hits} children were hit");
}

#[test]
fn no_child_survives_a_parent_that_is_killed() {
    let mut command = Command::new(LESSON);
    // In act 3 three children wait for the lock for many seconds.
    command.env("LESSON_SPEED", "0.1").stdout(Stdio::null());
    let mut lesson = command.spawn().unwrap();
    let start = Instant::now();
    let children = loop {
        let children = children(&lesson);
        if children.len() == 3 {
            break children;
        }
        assert!(start.elapsed() < PATIENCE, "{children:?}");
        thread::yield_now();
    };
    lesson.kill().unwrap();
    lesson.wait().unwrap();
    for child in children {
        wait_until_gone(child);
    }
}

#[test]
fn a_shortage_is_one_line_that_says_what_to_do() {
    let output = output_under("-n 8");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(line.contains("raise `ulimit -n`"), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
}

/// What the lesson says when a limit of the shell leaves it too little.
fn output_under(limit: &str) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit {limit}; exec \"$0\""), LESSON]);
    run(shell.env("LESSON_SPEED", "1000"))
}

fn children(lesson: &Child) -> Vec<Pid> {
    let id = lesson.id();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    let children = children.unwrap_or_default();
    let ids = children.split_whitespace().map(|id| id.parse().unwrap());
    ids.map(Pid::from_raw).collect()
}

fn wait(lesson: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = lesson.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > PATIENCE {
            lesson.kill().unwrap();
            lesson.wait().unwrap();
            panic!("the lesson hangs");
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// A zombie is gone: its new parent has yet to reap it.
fn wait_until_gone(child: Pid) {
    let start = Instant::now();
    let stat = format!("/proc/{child}/stat");
    while fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(start.elapsed() < PATIENCE, "{child} is left");
        thread::yield_now();
    }
}
