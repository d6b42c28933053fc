//! What the chapter claims, checked.

#[path = "../src/ways.rs"]
mod ways;

use std::fs;
use std::hint::black_box;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::{self, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use ways::{in_processes, in_tasks, on_threads, one_by_one};

/// Far longer than anything here takes; what takes as long as this hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// Fails if `test` has not ended within the limit, instead of hanging with it.
#[track_caller]
fn in_time(test: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let test = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    let result = wait.recv_timeout(LIMIT);
    assert_ne!(result, Err(RecvTimeoutError::Timeout), "it hangs");
    test.join().unwrap();
}

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

/// What the lesson prints at the given speed.
fn output(speed: &str) -> String {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-choosing"));
    let output = output_in_time(lesson.env("LESSON_SPEED", speed));
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The ways that the table names as the fastest for this work.
fn fastest<'a>(output: &'a str, work: &str) -> Vec<&'a str> {
    let (_, table) = output.split_once("\n4. ").unwrap();
    let (_, row) = table.split_once(work).unwrap();
    let (_, fastest) = row.split_once("fastest: ").unwrap();
    fastest.split(';').next().unwrap().split(", ").collect()
}

#[test]
fn async_or_threads_win_the_waiting() {
    let output = output("2");
    for work in ["Slow waits", "Quick waits"] {
        let fastest = fastest(&output, work);
        let expected = |way: &&str| ["async", "threads"].contains(way);
        assert!(fastest.iter().all(expected), "{output}");
    }
}

/// Only while a core is idle: if other programs use all cores, no way wins.
#[test]
fn threads_or_processes_win_the_computing() {
    for _ in 0..20 {
        if !a_core_is_to_spare() {
            continue;
        }
        let output = output("1000");
        if a_core_is_to_spare() {
            let fastest = fastest(&output, "Computing");
            let expected = |way: &&str| ["threads", "processes"].contains(way);
            assert!(fastest.iter().all(expected), "{output}");
            return;
        }
    }
    eprintln!("not checked: there was never a core to spare");
}

/// Whether two threads count as far as one does, each, in about the same time.
fn a_core_is_to_spare() -> bool {
    let count = || (0..20_000_000_u64).map(black_box).sum::<u64>();
    let time = |threads: u32| {
        let start = Instant::now();
        on_threads((0..threads).map(|_| count)).unwrap();
        start.elapsed()
    };
    (0..3).all(|_| time(2) < time(1).mul_f64(1.25))
}

#[test]
fn the_table_says_what_becomes_of_the_rule() {
    let output = output("100");
    for rule in ["async", "threads", "processes"] {
        let verdicts = ["right here", "a tie here", "wrong here"];
        let said = |verdict: &&str| output.contains(&format!("the rule says {rule}: {verdict}"));
        assert_eq!(verdicts.iter().filter(|verdict| said(verdict)).count(), 1);
    }
    // Each way has done all the jobs, or the lesson would have ended with an error.
    assert!(output.contains("=> 100 waits, "), "{output}");
    assert!(output.contains("=> 10 waits, "), "{output}");
    assert!(output.contains("=> 33860 primes, "), "{output}");
}

#[test]
fn answers_come_in_the_order_of_the_jobs() {
    in_time(|| {
        let expected: Vec<u64> = (0..20).collect();
        // The first takes longest.
        let pause = |number: u64| Duration::from_millis(20 - number);
        let blocking = || {
            expected.iter().map(move |&number| {
                move || {
                    thread::sleep(pause(number));
                    number
                }
            })
        };
        assert_eq!(one_by_one(blocking()), expected);
        assert_eq!(on_threads(blocking()).unwrap(), expected);
        let tasks = (0..20).map(|number| async move {
            tokio::time::sleep(pause(number)).await;
            number
        });
        assert_eq!(in_tasks(tasks).unwrap(), expected);
        let answers = in_processes((0..20).map(|number| shell(&format!("echo {number}")))).unwrap();
        let answers: Vec<u64> = answers
            .iter()
            .map(|answer| answer.trim().parse().unwrap())
            .collect();
        assert_eq!(answers, expected);
    });
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

#[test]
fn waits_overlap_in_all_ways_but_the_first() {
    in_time(|| {
        let wait = Duration::from_millis(50);
        let time = |run: &dyn Fn()| {
            let start = Instant::now();
            run();
            start.elapsed()
        };
        let blocking = || (0..20).map(|_| || thread::sleep(wait));
        let one_by_one = time(&|| drop(one_by_one(blocking())));
        let on_threads = time(&|| drop(on_threads(blocking()).unwrap()));
        let in_processes =
            time(&|| drop(in_processes((0..20).map(|_| shell("sleep 0.05"))).unwrap()));
        let in_tasks = time(&|| drop(in_tasks((0..20).map(|_| tokio::time::sleep(wait))).unwrap()));
        assert!(one_by_one >= 20 * wait);
        for together in [on_threads, in_processes, in_tasks] {
            assert!(together < one_by_one / 2, "{together:?} of {one_by_one:?}");
        }
    });
}

#[test]
fn a_process_that_fails_is_an_error_and_none_is_left() {
    in_time(|| {
        let endless = || shell("exec tail -f /dev/null");
        let failed = in_processes([shell("exit 3"), endless()]).unwrap_err();
        assert!(failed.to_string().contains("exit status: 3"), "{failed}");
        let missing = in_processes([endless(), Command::new("/no/such/program")]);
        let missing = missing.unwrap_err().to_string();
        assert!(
            missing.contains(r#"cannot start "/no/such/program""#),
            "{missing}"
        );

        let parent = format!(" {} ", std::process::id());
        let left = fs::read_dir("/proc").unwrap().flatten().filter(|process| {
            // "id (name) state parent", also of a zombie.
            let stat = fs::read_to_string(process.path().join("stat")).unwrap_or_default();
            let (_, rest) = stat.split_once("(tail) ").unwrap_or_default();
            rest.get(1..).is_some_and(|rest| rest.starts_with(&parent))
        });
        assert_eq!(left.count(), 0);
    });
}

/// Not when what it has started does, though that may print into the same pipe.
#[test]
fn an_answer_is_there_when_its_process_has_ended() {
    in_time(|| {
        let endless = "exec tail -f /dev/null";
        let answers = in_processes([shell(&format!("({endless}) & echo $!"))]).unwrap();
        let kill = |signal| {
            shell(&format!("kill -{signal} {}", answers[0].trim()))
                .status()
                .unwrap()
        };
        let lives = kill("0").success();
        kill("KILL");
        assert!(lives);
    });
}

#[test]
fn an_answer_is_the_whole_text_and_nothing_else() {
    in_time(|| {
        let long = "x".repeat(300_000);
        let print_long = format!("head -c {} /dev/zero | tr '\\0' x", long.len());
        let texts = in_processes([shell(&print_long), shell("true"), shell("printf äö")]).unwrap();
        assert_eq!(texts, [&long, "", "äö"]);
        for bytes in [r"\377", r"a\377", r"\377 the process", r"\303"] {
            let error = in_processes([shell(&format!("printf '{bytes}'"))]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData, "{bytes}");
        }
        // Endless, and no text: it is stopped by the error of another.
        let failed = in_processes([shell("exit 3"), shell("yes \"$(printf '\\377')\"")]);
        assert!(failed.is_err());
    });
}

#[test]
fn a_program_that_is_replaced_still_finds_its_children() {
    in_time(|| {
        let program =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("gone-{}", process::id()));
        // Copied by another process: a child of another test might have it open for writing here.
        // The shell is the program by the time that it is deleted, and not before.
        let mut lesson = shell("cp \"$1\" \"$0\" && exec \"$0\"");
        lesson
            .args([
                program.as_path(),
                Path::new(env!("CARGO_BIN_EXE_lesson-choosing")),
            ])
            .env("LESSON_SPEED", "100")
            .stdout(Stdio::piped());
        let mut lesson = lesson.spawn().unwrap();
        let mut output = lesson.stdout.take().unwrap();
        io::Read::read_exact(&mut output, &mut [0]).unwrap();
        fs::remove_file(&program).unwrap();
        let output = io::read_to_string(output).unwrap();
        assert!(lesson.wait().unwrap().success(), "{output}");
    });
}

/// The lesson inherits that from the program that started it.
#[test]
fn an_ignored_sigchld_is_one_line_that_says_so() {
    let mut lesson = Command::new("env");
    lesson.args([
        "--ignore-signal=CHLD",
        env!("CARGO_BIN_EXE_lesson-choosing"),
    ]);
    let output = output_in_time(lesson.env("LESSON_SPEED", "100"));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("is SIGCHLD ignored?"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_job_that_panics_is_not_swallowed() {
    in_time(|| {
        static DONE: AtomicU32 = AtomicU32::new(0);
        let jobs = || {
            (0..3).map(|number| {
                move || {
                    assert_ne!(number, 1, "as told");
                    DONE.fetch_add(1, SeqCst);
                }
            })
        };
        let panicked = |run: &dyn Fn()| {
            let run = std::panic::AssertUnwindSafe(run);
            std::panic::catch_unwind(run).is_err()
        };
        assert!(panicked(&|| drop(on_threads(jobs()))));
        assert_eq!(DONE.load(SeqCst), 2, "the others are done all the same");
        let task = || async { assert!(DONE.load(SeqCst) == 0, "as told") };
        assert!(panicked(&|| drop(in_tasks([task()]))));
    });
}
