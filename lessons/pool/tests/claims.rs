//! What the chapter claims, checked. The workers are fresh starts of this program, so it
//! has a `main` of its own instead of the usual test harness.

#[path = "../src/pool.rs"]
mod pool;
#[path = "../src/worker.rs"]
mod worker;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};
use std::{array, env, fs, thread};

use pool::{JobError, Pool};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

#[derive(Serialize, Deserialize)]
enum Job {
    Square(u64),
    /// The id of the process that does it.
    Id,
    Echo(Vec<u8>),
    Panic(String),
    /// As by `kill -9` from outside.
    Killed,
    Exit(i32),
    /// For ever.
    Sleep,
    Unserialisable(#[serde(serialize_with = "refuse")] u8),
    UnserialisableAnswer,
    UnreadableAnswer,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Answer {
    Number(u64),
    Bytes(Vec<u8>),
    Unserialisable(#[serde(serialize_with = "refuse")] u8),
    Unreadable(#[serde(deserialize_with = "refuse_to_read")] u8),
}

fn refuse_to_read<'de, D: Deserializer<'de>>(_: D) -> Result<u8, D::Error> {
    Err(de::Error::custom("refused"))
}

fn refuse<S: Serializer>(_: &u8, _: S) -> Result<S::Ok, S::Error> {
    Err(ser::Error::custom("refused"))
}

fn run(job: Job) -> Answer {
    match job {
        Job::Square(number) => Answer::Number(number * number),
        Job::Id => Answer::Number(process::id().into()),
        Job::Echo(bytes) => Answer::Bytes(bytes),
        Job::Panic(message) => panic!("{message}"),
        Job::Killed => {
            signal("KILL", process::id().into());
            unreachable!("a killed process goes nowhere")
        }
        Job::Exit(status) => process::exit(status),
        Job::Sleep => loop {
            thread::park();
        },
        Job::Unserialisable(_) => unreachable!("it never gets here"),
        Job::UnserialisableAnswer => Answer::Unserialisable(0),
        Job::UnreadableAnswer => Answer::Unreadable(0),
    }
}

fn signal(name: &str, id: u64) {
    let kill = format!("kill -{name} {id}");
    let status = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(status.success(), "{kill}");
}

/// Whether there is a process with this id, also as a zombie.
fn exists(id: u64) -> bool {
    let kill = format!("kill -0 {id} 2>/dev/null");
    Command::new("sh")
        .args(["-c", &kill])
        .status()
        .unwrap()
        .success()
}

fn start(workers: usize) -> Pool<Job, Answer> {
    Pool::new(Some(workers), run).unwrap()
}

/// The ids of all workers, as many as there are.
fn ids(pool: &Pool<Job, Answer>, workers: usize) -> Vec<u64> {
    let mut ids = BTreeSet::new();
    while ids.len() < workers {
        ids.extend(pool.map((0..100).map(|_| Job::Id)).map(number));
    }
    ids.into_iter().collect()
}

fn number(answer: Result<Answer, JobError>) -> u64 {
    match answer {
        Ok(Answer::Number(number)) => number,
        other => panic!("{other:?}"),
    }
}

fn lost(answer: Result<Answer, JobError>) -> String {
    match answer {
        Err(JobError::Lost(reason)) => reason.into(),
        other => panic!("{other:?}"),
    }
}

/// The environment variable by which this program starts itself for another part.
const PART: &str = "CLAIMS_PART";

/// What the program says in that part.
fn part(name: &str) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .env(PART, name)
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn main() {
    let is_worker = env::var_os("POOL_WORKER").is_some();
    match env::var(PART).as_deref() {
        Ok("workers die before their first word") if is_worker => process::exit(3),
        Ok("workers are not recognised") if is_worker => {}
        _ => pool::work_if_worker(run),
    }
    // A claim that hangs is a claim that fails.
    thread::spawn(|| {
        thread::sleep(Duration::from_secs(150));
        eprintln!("a claim takes for ever");
        process::exit(1);
    });
    match env::var(PART).as_deref() {
        Ok("descriptors run out") => return no_replacement(),
        Ok(_) => return println!("{}", Pool::new(Some(2), run).err().unwrap()),
        Err(_) => {}
    }
    let claims: [(&str, fn()); 17] = [
        (
            "the_lesson_shows_the_values_of_python",
            the_lesson_shows_the_values_of_python,
        ),
        (
            "the_lesson_names_the_killed_worker",
            the_lesson_names_the_killed_worker,
        ),
        ("order_is_kept", order_is_kept),
        (
            "imap_takes_no_more_than_it_needs",
            imap_takes_no_more_than_it_needs,
        ),
        ("a_panic_fails_its_job_only", a_panic_fails_its_job_only),
        (
            "a_killed_worker_fails_its_chunk_only",
            a_killed_worker_fails_its_chunk_only,
        ),
        (
            "a_killed_idle_worker_fails_nothing",
            a_killed_idle_worker_fails_nothing,
        ),
        ("killed_at_random_moments", killed_at_random_moments),
        (
            "what_cannot_be_serialised_is_an_error",
            what_cannot_be_serialised_is_an_error,
        ),
        ("any_size_comes_through", any_size_comes_through),
        (
            "killed_while_a_large_job_is_sent",
            killed_while_a_large_job_is_sent,
        ),
        (
            "a_time_out_leaves_the_job_running",
            a_time_out_leaves_the_job_running,
        ),
        ("dropping_reaps_all", dropping_reaps_all),
        ("pools_leave_no_descriptors", pools_leave_no_descriptors),
        (
            "workers_that_cannot_be_started",
            workers_that_cannot_be_started,
        ),
        (
            "workers_that_cannot_be_replaced",
            workers_that_cannot_be_replaced,
        ),
        (
            "a_killed_parent_leaves_nothing",
            a_killed_parent_leaves_nothing,
        ),
    ];
    for (name, claim) in claims {
        claim();
        println!("claim {name} ... ok");
    }
}

fn lesson() -> Command {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-pool"));
    lesson.env("LESSON_SPEED", "20");
    lesson
}

fn output() -> String {
    let output = lesson().output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    String::from_utf8(output.stdout).unwrap()
}

fn the_lesson_shows_the_values_of_python() {
    let output = output();
    assert!(output.contains("apply(10): 100\n"), "{output}");
    assert!(output.contains("apply_async(20): 400\n"), "{output}");
    assert!(
        output.contains("map(0..10): [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]\n"),
        "{output}"
    );
    for (number, square) in [0, 1, 4, 9, 16].iter().enumerate() {
        let line = format!("imap(0..5), number {number}: {square}\n");
        assert!(output.contains(&line), "{output}");
    }
    assert!(output.contains("[5, 5, 5, 5]"), "{output}");
}

fn the_lesson_names_the_killed_worker() {
    let output = output();
    assert!(
        output.contains("ended, signal: 9 (SIGKILL), with jobs 12..14\n"),
        "{output}"
    );
    assert!(output.contains("2 of 20 jobs lost"), "{output}");
}

fn order_is_kept() {
    let pool = start(3);
    let squares: Vec<u64> = (0..10_000).map(|n| n * n).collect();
    let numbers = || (0..10_000).map(Job::Square);
    let mapped: Vec<u64> = pool.map(numbers()).map(number).collect();
    assert_eq!(mapped, squares);
    for chunk in [0, 1, 7, 20_000] {
        let lazy: Vec<u64> = pool.imap(numbers(), chunk).map(number).collect();
        assert_eq!(lazy, squares);
    }
    let handles: Vec<_> = numbers().map(|job| pool.apply_async(job)).collect();
    let waited: Vec<u64> = handles
        .into_iter()
        .map(|handle| number(handle.wait()))
        .collect();
    assert_eq!(waited, squares);
    assert_eq!(pool.map([]).count(), 0);
    let mut completed: Vec<_> = pool.as_completed(numbers()).collect();
    completed.sort_by_key(|(job, _)| *job);
    let completed = completed.into_iter().enumerate().map(|(n, (job, answer))| {
        assert_eq!(n, job);
        number(answer)
    });
    assert_eq!(completed.collect::<Vec<_>>(), squares);
}

fn imap_takes_no_more_than_it_needs() {
    let pool = start(2);
    let taken = Cell::new(0);
    let jobs = (0..)
        .map(Job::Square)
        .inspect(|_| taken.set(taken.get() + 1));
    let mut squares = pool.imap(jobs, 1);
    assert_eq!(taken.get(), 0);
    for n in 0..1000 {
        assert_eq!(number(squares.next().unwrap()), n * n);
        assert_eq!(taken.get(), n + 8 * 2);
    }
}

fn a_panic_fails_its_job_only() {
    let pool = start(1);
    let id = number(pool.apply(Job::Id));
    for message in ["out of paper", "", "line\nline"] {
        let panicked = Err(JobError::Panicked(message.into()));
        assert_eq!(pool.apply(Job::Panic(message.into())), panicked);
    }
    // Eight jobs on one worker are four chunks of two.
    let job = |n| {
        if n == 3 {
            Job::Panic("three".into())
        } else {
            Job::Square(n)
        }
    };
    for (n, answer) in (0..).zip(pool.map((0..8).map(job))) {
        match n {
            3 => assert_eq!(answer, Err(JobError::Panicked("three".into()))),
            _ => assert_eq!(number(answer), n * n),
        }
    }
    assert_eq!(number(pool.apply(Job::Id)), id);
}

fn a_killed_worker_fails_its_chunk_only() {
    let pool = start(4);
    for round in 0..20 {
        let before = ids(&pool, 4);
        let victim = round * 3;
        let job = |n| {
            if n == victim {
                Job::Killed
            } else {
                Job::Square(n)
            }
        };
        // 64 jobs on four workers are chunks of four.
        let chunk = victim / 4 * 4..victim / 4 * 4 + 4;
        for (n, answer) in (0..).zip(pool.map((0..64).map(job))) {
            if chunk.contains(&n) {
                let reason = lost(answer);
                let id = reason
                    .split(['(', ')', ' '])
                    .find_map(|word| word.parse::<u64>().ok());
                assert!(reason.starts_with("worker ") && id.is_some(), "{reason}");
                let process = before
                    .iter()
                    .any(|id| reason.contains(&format!("process {id})")));
                assert!(process, "{reason}");
                let end = format!(" ended, signal: 9 (SIGKILL), with jobs {chunk:?}");
                assert!(reason.ends_with(&end), "{reason}");
            } else {
                assert_eq!(number(answer), n * n);
            }
        }
    }
    assert!(lost(pool.apply(Job::Exit(7))).ends_with("ended, exit status: 7, with jobs 0..1"));
    assert_eq!(number(pool.apply(Job::Square(10))), 100);
}

fn a_killed_idle_worker_fails_nothing() {
    let pool = start(3);
    for _ in 0..20 {
        for id in ids(&pool, 3) {
            signal("KILL", id);
            // A job that comes before all its threads are dead would be its own.
            let threads = || fs::read_dir(format!("/proc/{id}/task")).map_or(0, Iterator::count);
            let stat = || fs::read_to_string(format!("/proc/{id}/stat"));
            while threads() > 1 || stat().is_ok_and(|stat| !stat.contains(") Z ")) {
                thread::yield_now();
            }
        }
        for (n, answer) in (0..).zip(pool.map((0..30).map(Job::Square))) {
            assert_eq!(number(answer), n * n);
        }
    }
}

fn killed_at_random_moments() {
    let pool = start(4);
    let over = AtomicBool::new(false);
    let mut lost_jobs = 0;
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..200 {
                // It may have died since of an earlier round.
                let id = match pool.apply(Job::Id) {
                    Ok(Answer::Number(id)) => id,
                    _ => continue,
                };
                let kill = format!("kill -9 {id} 2>/dev/null");
                Command::new("sh").args(["-c", &kill]).status().unwrap();
            }
            over.store(true, SeqCst);
        });
        while !over.load(SeqCst) {
            let answers: Vec<_> = pool.map((0..5000).map(Job::Square)).collect();
            assert_eq!(answers.len(), 5000);
            for (n, answer) in (0..).zip(answers) {
                match answer {
                    Err(JobError::Lost(reason)) => {
                        assert!(reason.contains(" ended, signal: 9 (SIGKILL), "), "{reason}");
                        lost_jobs += 1;
                    }
                    answer => assert_eq!(number(answer), n * n),
                }
            }
        }
    });
    println!("(200 kills, {lost_jobs} jobs lost, each with its reason)");
    // The last one killed may still be dying.
    assert!((0..5).any(|_| pool.apply(Job::Square(10)).is_ok()));
}

fn what_cannot_be_serialised_is_an_error() {
    let pool = start(1);
    let id = number(pool.apply(Job::Id));
    for _ in 0..3 {
        assert!(lost(pool.apply(Job::Unserialisable(0))).contains("job"));
        assert!(lost(pool.apply_async(Job::Unserialisable(0)).wait()).contains("job"));
        assert!(lost(pool.apply(Job::UnserialisableAnswer)).contains("answer"));
        assert!(lost(pool.apply(Job::UnreadableAnswer)).contains("answer"));
        assert_eq!(number(pool.apply(Job::Id)), id);
    }
}

fn any_size_comes_through() {
    let pool = start(2);
    // What goes around the bytes is 4 or 5 long: some of these fill a packet exactly.
    let around = (65536 - 40)..(65536 + 10);
    for size in around.chain([0, 1, 300_000, 20 << 20]) {
        let bytes: Vec<u8> = (0..size).map(|n| n as u8).collect();
        assert_eq!(
            pool.apply(Job::Echo(bytes.clone())),
            Ok(Answer::Bytes(bytes))
        );
    }
}

fn killed_while_a_large_job_is_sent() {
    let pool = start(1);
    for round in 0..10 {
        let id = number(pool.apply(Job::Id));
        signal("STOP", id);
        let handle = pool.apply_async(Job::Echo(vec![0; 20 << 20]));
        // Nobody reads, so it cannot have arrived, however much of it is under way.
        let limit = Duration::from_millis(round * 5);
        let handle = handle.wait_timeout(limit).err().unwrap();
        signal("KILL", id);
        assert_eq!(handle.wait(), Ok(Answer::Bytes(vec![0; 20 << 20])));
    }
}

fn a_time_out_leaves_the_job_running() {
    let pool = start(1);
    let sleeping = pool.apply_async(Job::Sleep);
    let waiting = pool.apply_async(Job::Square(5));
    let sleeping = sleeping
        .wait_timeout(Duration::from_millis(20))
        .err()
        .unwrap();
    let waiting = waiting.wait_timeout(Duration::ZERO).err().unwrap();
    drop(pool);
    assert!(lost(sleeping.wait()).contains("dropped"));
    assert!(lost(waiting.wait_timeout(Duration::ZERO).ok().unwrap()).contains("dropped"));
}

fn dropping_reaps_all() {
    for round in 0..10 {
        let pool = start(4);
        let ids = ids(&pool, 4);
        let handles: [_; 9] = array::from_fn(|_| pool.apply_async(Job::Sleep));
        if round % 2 == 0 {
            ids.iter().for_each(|&id| signal("STOP", id));
        }
        let start = Instant::now();
        drop(pool);
        assert!(start.elapsed() < Duration::from_secs(10));
        for id in ids {
            assert!(!exists(id), "{id}");
        }
        for handle in handles {
            assert!(lost(handle.wait()).contains("dropped"));
        }
    }
}

fn pools_leave_no_descriptors() {
    let open = || fs::read_dir("/dev/fd").unwrap().count();
    drop(start(2));
    let before = open();
    for _ in 0..100 {
        let pool = start(2);
        assert_eq!(number(pool.apply(Job::Square(2))), 4);
        lost(pool.apply(Job::Killed));
    }
    assert_eq!(open(), before);
}

fn workers_that_cannot_be_started() {
    let said = part("workers die before their first word");
    assert!(
        said.contains("cannot start a worker: it ended (exit status: 3)"),
        "{said}"
    );
    // Its `main` runs on and comes to a pool again: that is refused, or there would be no end.
    let said = part("workers are not recognised");
    assert!(said.contains("cannot start a worker: it ended"), "{said}");
}

fn workers_that_cannot_be_replaced() {
    let said = part("descriptors run out");
    assert!(
        said.contains("signal: 9 (SIGKILL), and cannot start a worker: "),
        "{said}"
    );
    assert!(said.contains("raise `ulimit -n`"), "{said}");
    assert!(said.contains("none of its workers is left"), "{said}");
}

/// The part in which the workers die and there are no descriptors for others.
fn no_replacement() {
    let pool = start(2);
    let ids = ids(&pool, 2);
    let handle = pool.apply_async(Job::Sleep);
    let mut files = Vec::new();
    let kill: Vec<_> = ids.iter().map(|id| format!("kill -9 {id}")).collect();
    let mut kill = Command::new("sh")
        .args(["-c", &format!("read wait; {}", kill.join("; "))])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    while let Ok(file) = fs::File::open("/dev/null") {
        files.push(file);
    }
    drop(kill.stdin.take());
    kill.wait().unwrap();
    println!("{}", lost(handle.wait()));
    println!("{}", lost(pool.apply(Job::Id)));
    println!("{}", lost(pool.map([Job::Id]).next().unwrap()));
}

/// The workers have the lesson's standard output: it ends when the last of them has left.
fn a_killed_parent_leaves_nothing() {
    let folder = env::temp_dir().join(format!("lesson-pool-{}", process::id()));
    fs::create_dir(&folder).unwrap();
    for lines in 0..25 {
        let mut lesson = lesson();
        lesson.env("TMPDIR", &folder).stdout(Stdio::piped());
        let mut lesson = lesson.spawn().unwrap();
        let mut output = BufReader::new(lesson.stdout.take().unwrap());
        for _ in 0..lines {
            output.read_line(&mut String::new()).unwrap();
        }
        lesson.kill().unwrap();
        lesson.wait().unwrap();
        output.read_to_string(&mut String::new()).unwrap();
    }
    // Fails if the folder is not empty.
    fs::remove_dir(&folder).unwrap();
}
