//! How every lesson behaves when something is wrong around it.

mod running;

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader};
use std::iter::StepBy;
use std::ops::Range;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::thread;

use across::{lesson, program};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};
use running::{Running, assert_one_line, each_lesson, run, start, stderr};
use serde_json::Value;

#[test]
fn help_tells_what_it_is_and_how_to_run_it() {
    each_lesson(|name| {
        let mut command = lesson(name);
        command.arg("--help");
        let output = run(command);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{name}");
        assert!(
            text.contains(&format!("cargo run -p lesson-{name} ")),
            "{name}: {text}"
        );
        assert!(
            text.contains(&format!("\nusage: lesson-{name} [--help]")),
            "{name}: {text}"
        );
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{name}: {text}"
        );
    });
}

#[test]
fn an_unknown_argument_is_a_usage_error() {
    each_lesson(|name| {
        let mut command = lesson(name);
        command.arg("--bogus");
        let output = run(command);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(output.stdout.is_empty(), "{name}");
        assert_one_line(name, &output);
        assert!(stderr(&output).contains("'--bogus'"), "{name}");
    });
}

#[test]
fn a_wrong_speed_is_a_usage_error() {
    each_lesson(|name| {
        for speed in ["0", "-1", "fast", "1e9", ""] {
            let mut command = lesson(name);
            command.env("LESSON_SPEED", speed);
            let output = run(command);
            assert_eq!(output.status.code(), Some(2), "{name}, {speed}");
            assert!(output.stdout.is_empty(), "{name}");
            assert_one_line(name, &output);
            assert!(
                stderr(&output).contains(&format!("LESSON_SPEED={speed}:")),
                "{name}"
            );
        }
    });
}

#[test]
fn a_full_disk_is_an_error() {
    each_lesson(|name| {
        let mut command = lesson(name);
        command.stdout(File::options().write(true).open("/dev/full").unwrap());
        let running = start_with_stderr(command);
        let output = running.finish();
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert_one_line(name, &output);
        assert!(
            stderr(&output).contains("No space left"),
            "{name}: {}",
            stderr(&output)
        );
    });
}

fn start_with_stderr(mut command: Command) -> Running {
    command.stderr(Stdio::piped());
    start(command)
}

#[test]
fn a_trace_shows_what_the_output_shows() {
    each_lesson(|name| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trace.json");
        let mut command = lesson(name);
        command.env("LESSON_TRACE", &file);
        let output = String::from_utf8(run(command).stdout).unwrap();
        let text = fs::read_to_string(file).unwrap();
        let trace: Value = serde_json::from_str(&text).unwrap();
        let cut = text.trim_end().strip_suffix('}').unwrap();
        assert!(serde_json::from_str::<Value>(cut).is_err(), "{name}");

        let events = trace["traceEvents"].as_array().unwrap();
        let of = |phase: &str| -> Vec<&Value> {
            events.iter().filter(|event| event["ph"] == phase).collect()
        };
        let is_title = |line: &&str| line.starts_with(|first: char| first.is_ascii_digit());
        let titles: Vec<_> = output.lines().filter(is_title).collect();
        assert_eq!(
            of("i").iter().map(|act| &act["name"]).collect::<Vec<_>>(),
            titles
        );

        let (_, chart) = output.split_once("\ntimeline ").unwrap();
        let rows = chart.split("\n\n").next().unwrap().trim_end().lines();
        let rows: Vec<_> = rows.map(|row| row.split("  ").next().unwrap()).collect();
        let lanes = of("M").into_iter().filter(|it| it["name"] == "thread_name");
        let lanes: Vec<_> = lanes
            .map(|it| (it["tid"].as_u64(), it["args"]["name"].as_str()))
            .collect();
        let names = lanes
            .iter()
            .map(|(_, name)| name.unwrap().chars().take(14).collect::<String>());
        assert_eq!(names.collect::<Vec<_>>(), rows[1..rows.len() - 1], "{name}");

        assert!(!of("X").is_empty(), "{name}");
        for span in of("X") {
            assert!(
                lanes.iter().any(|(lane, _)| *lane == span["tid"].as_u64()),
                "{name}: {span}"
            );
            let end = span["ts"].as_u64().unwrap() + span["dur"].as_u64().unwrap();
            assert!(
                end <= trace["otherData"]["total"].as_u64().unwrap(),
                "{name}: {span}"
            );
        }
    });
}

#[test]
fn a_trace_that_cannot_be_written_is_an_error() {
    each_lesson(|name| {
        for (file, why) in [
            ("/dev/full", "No space left"),
            ("/no/folder", "No such file"),
        ] {
            let mut command = lesson(name);
            command.env("LESSON_TRACE", file);
            let output = run(command);
            assert_eq!(output.status.code(), Some(1), "{name}");
            assert_one_line(name, &output);
            let told = stderr(&output);
            assert!(
                told.contains(&format!("LESSON_TRACE={file}: {why}")),
                "{name}: {told}"
            );
        }
    });
}

/// As under `| head -1`, after that line, in the middle, and before the first one.
#[test]
fn a_closed_pipe_is_a_quiet_end() {
    each_lesson(|name| {
        for lines in [0, 1, 8] {
            let mut command = lesson(name);
            command.stdout(Stdio::piped());
            let mut running = start_with_stderr(command);
            let mut reader = BufReader::new(running.child.stdout.take().unwrap());
            for _ in 0..lines {
                reader.read_line(&mut String::new()).unwrap();
            }
            drop(reader);
            let output = running.finish();
            assert_eq!(stderr(&output), "", "{name} after {lines} lines");
            assert_eq!(output.status.code(), Some(0), "{name} after {lines} lines");
        }
    });
}

#[test]
fn a_signal_ends_the_lesson_and_its_children() {
    signals_after(|lines| (1..lines).step_by(lines.div_ceil(2)));
}

#[test]
#[ignore = "takes minutes: `just check-all`"]
fn a_signal_at_many_moments_ends_the_lesson_and_its_children() {
    signals_after(|lines| (1..lines).step_by(4));
}

/// Ctrl-C, `kill` and `kill -9` after these lines of the output: each ends the lesson by that
/// signal, in silence, and takes its children along.
fn signals_after(lines: fn(usize) -> StepBy<Range<usize>>) {
    each_lesson(|name| {
        let all = run(lesson(name))
            .stdout
            .split(|byte| *byte == b'\n')
            .count();
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGKILL] {
            let mut hits = 0;
            for line in lines(all) {
                let mut command = lesson(name);
                command.stdout(Stdio::piped());
                let mut running = start_with_stderr(command);
                let stdout = running.child.stdout.take().unwrap();
                let mut lines = BufReader::new(stdout).lines();
                lines.by_ref().take(line).for_each(drop);
                let id = Pid::from_raw(running.child.id().try_into().unwrap());
                // Not waited for yet, so the id is still this child's.
                kill(id, signal).unwrap();
                let rest = thread::spawn(move || lines.for_each(drop));
                let output = running.finish();
                rest.join().unwrap();
                let ended = output.status.signal() == Some(signal as i32);
                // After its last lines a lesson may be faster than the signal.
                assert!(
                    ended || output.status.success(),
                    "{name}: {:?}",
                    output.status
                );
                assert_eq!(stderr(&output), "", "{name}, {signal} after line {line}");
                hits += u32::from(ended);
            }
            assert!(hits > 0, "{name}: no {signal} arrived in time");
        }
    });
}

/// With too few descriptors a lesson does what it can or says what is missing.
#[test]
fn too_few_descriptors_are_an_error_that_says_what_to_do() {
    each_lesson(|name| {
        for limit in [4, 8, 16] {
            assert_done_or_told(name, &format!("ulimit -n {limit}"), "ulimit -n");
        }
    });
}

/// The same for processes and threads, as a user who has no others.
#[test]
fn too_few_processes_are_an_error_that_says_what_to_do() {
    each_lesson(|name| {
        for limit in [1, 2, 4] {
            assert_done_or_told(name, &format!("ulimit -u {limit}"), "ulimit -u");
        }
    });
}

fn assert_done_or_told(name: &str, limit: &str, advice: &str) {
    // A program that an ordinary user may read and run, wherever this folder is.
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let copy = folder.path().join(format!("lesson-{name}"));
    // Not `fs::copy`: a child that another test starts meanwhile would hold the file open
    // for writing for a moment, and it could not be run ("text file busy").
    let copied = Command::new("cp").arg(program(name)).arg(&copy).status();
    assert!(copied.unwrap().success());
    let shell = format!("{limit}; exec '{}'", copy.display());
    // No limit on processes holds for root; some id that no user has does for a user.
    let mut command = if Uid::effective().is_root() {
        let mut command = Command::new("setpriv");
        command.args([
            "--reuid=64123",
            "--regid=64123",
            "--clear-groups",
            "bash",
            "-c",
            &shell,
        ]);
        command
    } else {
        let mut command = Command::new("bash");
        command.args(["-c", &shell]);
        command
    };
    command.current_dir("/").env("LESSON_SPEED", "100");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let running = start(command);
    fs::set_permissions(running.folder.path(), Permissions::from_mode(0o777)).unwrap();
    let output = running.finish();
    let name = format!("{name} under {limit}");
    if output.status.success() {
        assert_eq!(stderr(&output), "", "{name}");
    } else {
        assert_eq!(output.status.code(), Some(1), "{name}: {output:?}");
        assert_one_line(&name, &output);
        let told = stderr(&output).contains(advice);
        assert!(told, "{name}: {}", stderr(&output));
    }
}
