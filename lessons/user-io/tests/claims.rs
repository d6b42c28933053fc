//! What the chapter claims, checked.

#[path = "../src/prompt.rs"]
mod prompt;

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use prompt::Prompt;
use tokio::io::AsyncWriteExt;

/// Nothing here takes a tenth of this, on any machine.
const LIMIT: Duration = Duration::from_secs(60);

/// As `Command::output`, but what has not ended within the limit is killed, and a failure.
fn output_in_time(command: &mut Command) -> Output {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let id = child.id().to_string();
    let (sender, output) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let output = output.recv_timeout(LIMIT).unwrap_or_else(|_| {
        let killed = Command::new("kill").args(["-KILL", &id]).status();
        panic!("{command:?} hangs; killed: {killed:?}");
    });
    output.unwrap()
}

/// Where the countdown needs an input.
const MULTIPLES: [i32; 5] = [80, 60, 40, 20, 0];

/// What the lesson prints, twenty times faster.
fn output() -> String {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-user-io"));
    let output = output_in_time(lesson.env("LESSON_SPEED", "20"));
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// All numbers that follow `words` in `text`.
fn numbers_after(words: &str, text: &str) -> Vec<i32> {
    let number = |rest: &str| {
        let end = rest.find(|c: char| c != '-' && !c.is_ascii_digit());
        rest[..end.unwrap()].parse().unwrap()
    };
    text.split(words).skip(1).map(number).collect()
}

#[test]
fn the_first_and_the_third_total_are_equal_and_the_second_is_not() {
    let output = output();
    let inputs = numbers_after("the input is ", &output);
    let (first, third) = inputs.split_at(5);
    assert_eq!(first, third, "{output}");
    assert_eq!(numbers_after("arrives: it is ", &output), first, "{output}");

    let totals = numbers_after("=> ends at ", &output);
    let sum: i32 = first.iter().sum();
    assert_eq!(totals, [-first[4], -sum, -first[4]], "{output}");
    assert!((-5..=-1).contains(&totals[0]) && (-25..=-5).contains(&totals[1]));
    assert!(first.iter().all(|input| (1..=5).contains(input)));
}

#[test]
fn five_waits_become_one() {
    let output = output();
    let (_, speedup) = output.rsplit_once("speed-up ").unwrap();
    let (speedup, _) = speedup.split_once('x').unwrap();
    let speedup: f64 = speedup.parse().unwrap();
    assert!((2.0..10.0).contains(&speedup), "{output}");
}

/// By the order of the lines, not by time: a task that is queued begins at the next `await`
/// that has to wait.
#[test]
fn tasks_begin_when_the_countdown_gives_up_the_thread() {
    let output = output();
    let lines = |act: usize| {
        let act = output.split("\n\n").nth(act).unwrap();
        let line = |words: &str| act.lines().position(|line| line.contains(words)).unwrap();
        let asked = MULTIPLES.map(|at| line(&format!("asked for the input at {at}")));
        (asked, line("the countdown has ended"))
    };
    for (act, begin_before_its_end) in [(2, false), (4, false), (5, true)] {
        let (asked, ended) = lines(act);
        assert!(
            asked
                .iter()
                .all(|asked| (*asked < ended) == begin_before_its_end),
            "{output}"
        );
    }
}

/// A second of computing and then a wait of two, at a twentieth. A busy machine can only add.
#[test]
fn computing_without_an_await_does_not_overlap_with_waits() {
    let output = output();
    let act = output.split("\n\n").nth(4).unwrap();
    let (_, time) = act.rsplit_once('(').unwrap();
    let seconds: f64 = time.trim_end_matches(" s)").parse().unwrap();
    assert!(seconds >= 0.15, "{output}");
}

/// The lesson with `--ask`: what it prints, line by line, and its keyboard.
struct Asking {
    lesson: Child,
    keyboard: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Asking {
    fn start() -> Self {
        let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-user-io"))
            .arg("--ask")
            .env("LESSON_SPEED", "100")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let keyboard = lesson.stdin.take();
        let output = lesson.stdout.take().unwrap();
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                sender.send(line.unwrap()).unwrap();
            }
        });
        Self {
            lesson,
            keyboard,
            lines,
        }
    }

    fn types(&mut self, text: &str) {
        let keyboard = self.keyboard.as_mut().unwrap();
        keyboard.write_all(text.as_bytes()).unwrap();
    }

    fn until(&self, words: &str) {
        while !self.lines.recv_timeout(LIMIT).unwrap().contains(words) {}
    }

    /// What is printed to the end; fails if the lesson does not end or not well.
    fn rest(mut self) -> String {
        let mut rest = String::new();
        let end = loop {
            match self.lines.recv_timeout(LIMIT) {
                Ok(line) => rest += &format!("{line}\n"),
                Err(end) => break end,
            }
        };
        // Standard output is closed by the end of the process and by nothing else.
        assert_eq!(end, RecvTimeoutError::Disconnected, "still runs: {rest}");
        let status = self.lesson.wait().unwrap();
        assert!(status.success(), "{rest}");
        rest
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let _ = self.lesson.kill();
        let _ = self.lesson.wait();
    }
}

#[test]
fn the_clock_goes_on_while_a_question_is_open() {
    let mut asking = Asking::start();
    asking.until("for 80?");
    asking.until("the clock: 1 s");
    asking.until("the clock: 2 s");
    asking.types("1\n2\n3\n4\n5\n");
    assert!(asking.rest().contains("=> ends at -5: "));
}

/// The keyboard stays open to the end: a thread that waits for it must not keep the
/// program alive.
#[test]
fn a_bad_answer_is_asked_again_and_the_last_answer_ends_the_lesson() {
    let mut asking = Asking::start();
    asking.types("3\nfour\n4\n\n9\n-1\n5\n1\n2\n");
    let keyboard = asking.keyboard.take();
    let rest = asking.rest();
    drop(keyboard);
    for bad in ["four", "", "9", "-1"] {
        let again = format!("{bad:?} is not a number from 1 to 5; for ");
        assert!(rest.contains(&again), "{rest}");
    }
    assert_eq!(numbers_after("the answer is ", &rest), [3, 4, 5, 1, 2]);
    assert!(rest.contains("=> ends at -2: "), "{rest}");
}

#[test]
fn the_end_of_the_input_ends_the_lesson() {
    let mut asking = Asking::start();
    asking.types("3\n");
    asking.keyboard = None;
    let rest = asking.rest();
    assert!(rest.contains("the input has ended"), "{rest}");
    assert!(rest.contains("=> stays at 60, "), "{rest}");
}

#[test]
fn an_input_that_cannot_be_read_is_an_error() {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-user-io"));
    let folder = std::fs::File::open("/").unwrap();
    let output = output_in_time(lesson.arg("--ask").stdin(folder));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("cannot read the answers: Is a directory"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}

/// Runs a test of the prompt on one thread, as the lesson does. A test that hangs fails.
fn within_limit(test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().build().unwrap();
    let test = async { tokio::time::timeout(LIMIT, test).await };
    runtime.block_on(test).expect("it hangs");
}

fn digit(line: &str) -> Result<u32, String> {
    line.parse().map_err(|_| "no digit".into())
}

#[test]
fn lines_are_read_until_one_is_valid() {
    within_limit(async {
        let mut refused = Vec::new();
        let mut prompt = Prompt::new(&b"one\n\xff\n 2 \r\nthree\n4"[..]);
        let mut ask = async || {
            let again = |line: &str, reason| refused.push(format!("{line}: {reason}"));
            prompt.ask(digit, again).await.unwrap()
        };
        assert_eq!(ask().await, Some(2));
        assert_eq!(ask().await, Some(4));
        assert_eq!(ask().await, None);
        assert_eq!(ask().await, None);
        let expected = ["one: no digit", "\u{fffd}: no digit", "three: no digit"];
        assert_eq!(refused, expected);
    });
}

#[test]
fn an_endless_line_is_an_error_and_not_an_endless_wait() {
    within_limit(async {
        let mut prompt = Prompt::new(tokio::io::BufReader::new(tokio::io::repeat(b'1')));
        let answer = prompt.ask(digit, |_, _| ()).await;
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::InvalidData);
    });
}

/// To the byte, with and without an end of the line; the rest of the line is no answer.
#[test]
fn a_line_that_is_too_long_costs_one_question() {
    within_limit(async {
        for (length, end, expected) in [
            (4096, "\n", true),
            (4096, "", true),
            (4096, "\n7\n", true),
            (4097, "\n", false),
            (4097, "", false),
            (4097, "\n7\n", false),
            (20_000, "\n7\n", false),
            (2 * 4097, "\n7\n", false),
            (2 * 4097, "", false),
        ] {
            let input = "1".repeat(length) + end;
            let mut prompt = Prompt::new(input.as_bytes());
            let mut ask = async || {
                let answer = prompt.ask(|line| Ok::<_, ()>(line.len()), |_, ()| ()).await;
                answer.map_err(|error| error.kind())
            };
            let first = if expected {
                Ok(Some(length))
            } else {
                Err(ErrorKind::InvalidData)
            };
            assert_eq!(ask().await, first, "{length} {end:?}");
            let rest = end.contains('7').then_some(1);
            assert_eq!(ask().await, Ok(rest), "{length} {end:?}");
            assert_eq!(ask().await, Ok(None), "{length} {end:?}");
        }
    });
}

#[test]
fn a_question_that_is_given_up_loses_nothing_of_the_line() {
    within_limit(async {
        let (mut keyboard, input) = tokio::io::duplex(16);
        let mut prompt = Prompt::new(tokio::io::BufReader::new(input));
        keyboard.write_all(b"1").await.unwrap();
        let given_up =
            tokio::time::timeout(Duration::from_millis(10), prompt.ask(digit, |_, _| ()));
        assert!(given_up.await.is_err());
        keyboard.write_all(b"2\n").await.unwrap();
        assert_eq!(prompt.ask(digit, |_, _| ()).await.unwrap(), Some(12));
    });
}
