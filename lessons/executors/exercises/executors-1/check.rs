//! The judge of executors-1.

mod yours;

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;
use std::{fs, thread};

/// Four programs, two at a time, and three.
pub fn a_few_at_a_time() {
    for limit in [2, 3] {
        let mut most = 0;
        let see = |programs: Vec<_>| most = most.max(programs.len());
        let answers = watched(limit, ["sleep 0.2"; 4], see);
        assert!(answers.iter().all(Result::is_ok), "answers: {answers:?}");
        assert!(
            most <= limit,
            "{most} programs ran at a time, the limit is {limit}"
        );
        println!("the limit is {limit}: {most} at a time");
    }
}

/// The first one ends last: two others use the second place meanwhile.
pub fn a_slow_one() {
    let scripts = ["sleep 0.4; echo 0", "echo 1", "sleep 0.1; echo 2", "echo 3"];
    let mut beside = 0;
    let answers = watched(2, scripts, |programs| {
        let is_there = |script| programs.iter().any(|it| it.contains(script));
        beside += u32::from(is_there("echo 0") && is_there("echo 2"));
    });
    let expected = [0, 1, 2, 3].map(|number| Ok(format!("{number}\n")));
    assert!(
        answers == expected,
        "the answers are not in order: {answers:?}"
    );
    if beside > 0 {
        println!("the third one runs beside the first one");
    }
}

/// Three programs, and one of them is killed at a random moment.
pub fn one_is_killed() {
    let wait = Duration::from_millis(RandomState::new().hash_one(0) % 50);
    let killer = thread::spawn(move || {
        let sleeps = |(_, line): &(String, String)| line.contains("sleep 9");
        while !programs().iter().any(sleeps) {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(wait);
        for (process, _) in programs().into_iter().filter(sleeps) {
            let kill = Command::new("kill").args(["-KILL", &process]).status();
            assert!(kill.unwrap().success());
        }
    });
    let scripts = [
        "echo 0",
        "exec sleep 9",
        "sleep 0.1; echo 2",
        "exit 3",
        "echo 4",
    ];
    let answers = yours::run_all(scripts.map(shell).into(), 2);
    assert!(
        answers.len() == 5,
        "5 programs were run, one was killed, and the number of answers is {}",
        answers.len()
    );
    for (place, answer) in answers.iter().enumerate() {
        match place {
            1 => assert!(
                answer.is_err(),
                "killed, and still its answer is {answer:?}"
            ),
            3 => assert!(
                answer.is_err(),
                "it ended with 3, and its answer is {answer:?}"
            ),
            _ => assert!(
                *answer == Ok(format!("{place}\n")),
                "another one was killed, and answer {place} is {answer:?}"
            ),
        }
    }
    killer.join().unwrap();
    println!("one was killed after {} ms", wait.as_millis());
    nothing_left();
}

/// A program that cannot be started, and more places than programs; and no program at all.
pub fn no_such_program() {
    let programs = vec![Command::new("/no/such/program"), shell("echo 1")];
    let answers = yours::run_all(programs, 5);
    assert!(
        answers.len() == 2 && answers[0].is_err() && answers[1] == Ok("1\n".into()),
        "the first one does not exist, the second one writes 1; the answers: {answers:?}"
    );
    assert!(
        yours::run_all(Vec::new(), 2).is_empty(),
        "answers without a program"
    );
    nothing_left();
}

fn shell(script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]);
    shell
}

/// Runs the scripts, and shows again and again which of them are there.
fn watched<const N: usize>(
    limit: usize,
    scripts: [&str; N],
    mut see: impl FnMut(Vec<String>) + Send,
) -> Vec<Result<String, String>> {
    let done = AtomicBool::new(false);
    let answers = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(SeqCst) {
                see(programs().into_iter().map(|(_, line)| line).collect());
                thread::sleep(Duration::from_millis(2));
            }
        });
        let answers = yours::run_all(scripts.map(shell).into(), limit);
        done.store(true, SeqCst);
        answers
    });
    nothing_left();
    answers
}

fn nothing_left() {
    assert_eq!(children().len(), 0, "a process or a zombie is left behind");
}

/// The children of this process, zombies too.
fn children() -> BTreeSet<String> {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let children = threads.map(|it| fs::read_to_string(it.unwrap().path().join("children")));
    let children: String = children.map(Result::unwrap_or_default).collect();
    children.split_whitespace().map(str::to_owned).collect()
}

/// The children that run, with their command lines: a zombie has none.
fn programs() -> Vec<(String, String)> {
    let line = |process: String| {
        let line = fs::read_to_string(format!("/proc/{process}/cmdline")).ok()?;
        (!line.is_empty()).then(|| (process, line.replace('\0', " ")))
    };
    children().into_iter().filter_map(line).collect()
}
