//! What the chapter claims, checked. The workers are fresh starts of this program, so it
//! has a `main` of its own instead of the usual test harness.

#[path = "../src/pool.rs"]
mod pool;
#[path = "../src/worker.rs"]
mod worker;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};
use std::{array, env, fs, iter, thread};

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd;
use nix::unistd::Pid;
use pool::{Function, JobError, Pool, work_if_worker};
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
    /// Without end.
    Sleep,
    Unserialisable(#[serde(serialize_with = "refuse")] u8),
    Unreadable(#[serde(deserialize_with = "refuse_to_read")] u8),
    PanicsWhenRead(#[serde(deserialize_with = "panic_when_read")] u8),
    UnserialisableAnswer,
    UnreadableAnswer,
    /// Panics with a payload that panics when it is dropped.
    Bomb,
    /// An answer that panics when it is dropped.
    BombAnswer,
    /// Prints this, without a line end.
    Print(String),
    /// How many bytes standard input has, for the job and for a program that it starts.
    ReadStdin,
    /// Starts a program that reads standard input, and leaves it behind.
    LeaveReader,
    /// Starts a program, tells its id through the file, and hangs.
    StartAndHang(String),
    /// What this very program says when a job starts it.
    OwnProgram,
    Attributes(Attributes),
    /// Work of so many milliseconds.
    Work(u64),
    /// Leaves the process group of its worker, and hangs.
    LeaveGroup,
    /// Catches a panic of its own, and then throws this.
    Throw(String),
    /// Throws what is no text.
    ThrowNumber,
    /// Forks a copy of its worker; both go on.
    Fork,
}

/// What formats that do not describe themselves get wrong, or refuse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Attributes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    a: Vec<u8>,
    b: u32,
    c: Vec<u8>,
    #[serde(flatten)]
    rest: BTreeMap<String, Untagged>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(i64),
    /// A type with two forms, one for people.
    Host(std::net::Ipv4Addr),
    Text(String),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the bomb goes off");
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Answer {
    Number(u64),
    Bytes(Vec<u8>),
    Unserialisable(#[serde(serialize_with = "refuse")] u8),
    Unreadable(#[serde(deserialize_with = "refuse_to_read")] u8),
    Bomb(Bomb),
    Text(String),
    Attributes(Attributes),
}

fn panic_when_read<'de, D: Deserializer<'de>>(_: D) -> Result<u8, D::Error> {
    panic!("read")
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
        Job::Unserialisable(_) | Job::Unreadable(_) | Job::PanicsWhenRead(_) => {
            unreachable!("it never gets here")
        }
        Job::UnserialisableAnswer => Answer::Unserialisable(0),
        Job::UnreadableAnswer => Answer::Unreadable(0),
        Job::Bomb => std::panic::panic_any(Bomb),
        Job::BombAnswer => Answer::Bomb(Bomb),
        Job::Print(text) => {
            print!("{text}");
            Answer::Number(0)
        }
        Job::ReadStdin => {
            let read = std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
            let cat = Command::new("cat").output().unwrap();
            Answer::Number((read + cat.stdout.len()) as u64)
        }
        #[expect(
            clippy::zombie_processes,
            reason = "they are the worker's to leave behind"
        )]
        Job::LeaveReader => {
            let cat = Command::new("cat").stdout(Stdio::null()).spawn().unwrap();
            Answer::Number(cat.id().into())
        }
        #[expect(clippy::zombie_processes, reason = "it is killed before it could wait")]
        Job::StartAndHang(file) => {
            let sleep = Command::new("sleep").arg("1000").spawn().unwrap();
            fs::write(file, sleep.id().to_string()).unwrap();
            loop {
                thread::park();
            }
        }
        Job::OwnProgram => {
            let mut program = Command::new(env::current_exe().unwrap());
            let output = program.env(PART, "one job").output().unwrap();
            Answer::Text(String::from_utf8(output.stdout).unwrap())
        }
        Job::Attributes(attributes) => Answer::Attributes(attributes),
        Job::Work(milliseconds) => {
            thread::sleep(Duration::from_millis(milliseconds));
            Answer::Number(milliseconds)
        }
        Job::LeaveGroup => {
            let parents = unistd::getpgid(Some(unistd::getppid())).unwrap();
            unistd::setpgid(unistd::Pid::from_raw(0), parents).unwrap();
            loop {
                thread::park();
            }
        }
        Job::Throw(text) => {
            let _ = std::panic::catch_unwind(|| panic!("caught"));
            std::panic::resume_unwind(Box::new(text))
        }
        Job::ThrowNumber => std::panic::resume_unwind(Box::new(5)),
        Job::Fork => {
            // SAFETY: the copy uses no lock of another thread: it computes, and exits.
            let _ = unsafe { libc::fork() };
            Answer::Number(0)
        }
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
    Pool::new(Some(workers), &work_if_worker(run)).unwrap()
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

/// The process id of a worker that was killed.
fn killed(answer: &Result<Answer, JobError>) -> u64 {
    match answer {
        Err(JobError::Died(id, Some(status))) if status.signal() == Some(9) => u64::from(*id),
        other => panic!("{other:?}"),
    }
}

fn unreadable(answer: Result<Answer, JobError>) -> String {
    match answer {
        Err(JobError::Unreadable(reason)) => reason.into(),
        other => panic!("{other:?}"),
    }
}

fn panicked(answer: Result<Answer, JobError>) -> String {
    match answer {
        Err(JobError::Panicked(text)) => text.into(),
        other => panic!("{other:?}"),
    }
}

/// The environment variable by which this program starts itself for another part.
const PART: &str = "CLAIMS_PART";

/// What the program says in that part.
fn part(name: &str) -> String {
    said(Command::new(env::current_exe().unwrap()).env(PART, name))
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Two closures of one function: they have the same name.
fn closures() -> [Function<u64, u64>; 2] {
    [work_if_worker(|n| n + 10), work_if_worker(|n| n * 10)]
}

/// Two functions that have the same name, but for the block.
fn twins() -> [Function<u64, u64>; 2] {
    let first = {
        fn run(n: u64) -> u64 {
            n + 10
        }
        work_if_worker(run)
    };
    let second = {
        fn run(n: u64) -> u64 {
            n * 10
        }
        work_if_worker(run)
    };
    [first, second]
}

fn main() {
    let is_worker = env::args().nth(1).as_deref() == Some("worker-of-a-pool");
    match env::var(PART).as_deref() {
        Ok("workers end before they serve" | "workers end before they serve, large")
            if is_worker =>
        {
            process::exit(3)
        }
        Ok("workers come to a pool of their own") if is_worker => {
            return println!("{}", Pool::new(Some(2), &closures()[0]).unwrap_err());
        }
        _ => {
            work_if_worker(run);
            work_if_worker(count);
            closures();
            twins();
        }
    }
    // A claim that hangs is a claim that fails.
    let (done, claims_done) = mpsc::channel();
    thread::spawn(move || {
        let next = || claims_done.recv_timeout(Duration::from_secs(150));
        if iter::repeat_with(next).find_map(Result::err) == Some(RecvTimeoutError::Timeout) {
            eprintln!("a claim takes too long");
            process::exit(1);
        }
    });
    match env::var(PART).as_deref() {
        Ok("descriptors run out") => return no_replacement(),
        Ok("print") => {
            let pool = start(1);
            number(pool.apply(Job::Print("no line end".into())));
            return assert!(pool.apply(Job::Killed).is_err());
        }
        Ok("kill one") => {
            let pool = start(1);
            if let Some(file) = env::var_os("DELETE") {
                fs::remove_file(file).unwrap();
            }
            println!("{:?}", pool.apply(Job::Killed));
            return println!("{:?}", pool.apply(Job::Square(3)));
        }
        Ok("one job" | "workers end before they serve" | "workers come to a pool of their own") => {
            return match Pool::new(Some(2), &work_if_worker(run)) {
                Ok(pool) => println!("{:?}", pool.apply(Job::Square(3))),
                Err(error) => println!("{error}"),
            };
        }
        Ok(_) => {
            let pool = Pool::new(Some(2), &work_if_worker(run)).unwrap();
            return println!("{:?}", pool.apply(Job::Echo(vec![0; 1 << 20])));
        }
        Err(_) => {}
    }
    macro_rules! claims {
        ($($claim:ident)*) => { [$((stringify!($claim), $claim as fn())),*] };
    }
    let claims = claims! {
        the_lesson_shows_the_values_of_python
        the_lesson_tells_of_the_killed_worker
        order_is_kept
        imap_takes_no_more_than_it_needs
        a_panic_fails_its_job_only
        what_panics_when_dropped_fails_its_job_only
        a_killed_worker_fails_its_chunk_only
        a_killed_idle_worker_fails_nothing
        killed_at_random_moments
        what_cannot_be_serialised_fails_its_job_only
        attributes_of_serde_work
        what_reads_nothing_is_done_once
        a_copy_that_a_job_forks_answers_nothing
        any_size_comes_through
        killed_while_a_large_job_is_sent
        a_time_out_leaves_the_job_running
        a_limit_ends_jobs_that_hang_and_workers_that_are_stopped
        signals_do_not_put_off_the_limit
        a_function_is_not_mistaken_for_another
        standard_input_is_empty
        jobs_start_this_program_like_any_other
        what_jobs_print_is_printed
        dropping_reaps_all
        pools_leave_no_descriptors
        workers_that_do_not_serve
        workers_that_cannot_be_replaced
        surroundings
        the_file_of_the_program_is_deleted
        a_killed_parent_leaves_nothing
    };
    for (name, claim) in claims {
        claim();
        done.send(()).unwrap();
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

fn the_lesson_tells_of_the_killed_worker() {
    let output = output();
    assert!(
        output.contains(") ended, signal: 9 (SIGKILL)\n"),
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
    for n in 0..1000 {
        assert_eq!(taken.get(), n + 8 * 2);
        assert_eq!(number(squares.next().unwrap()), n * n);
    }
}

fn a_panic_fails_its_job_only() {
    let pool = start(1);
    let id = number(pool.apply(Job::Id));
    for message in ["out of paper", "", "line\nline"] {
        let text = panicked(pool.apply(Job::Panic(message.into())));
        let place = text.strip_suffix(message).unwrap();
        assert!(
            place.starts_with("panicked at lessons/pool/tests/claims.rs:")
                || place.contains("claims.rs:"),
            "{text}"
        );
    }
    let thrown = panicked(pool.apply(Job::Throw("thrown".into())));
    assert_eq!(thrown, "panicked: thrown");
    assert_eq!(panicked(pool.apply(Job::ThrowNumber)), "panicked: ");
    // Eight jobs on one worker are four chunks of two.
    let job = |n| match n {
        3 => Job::Panic("three".into()),
        4 => Job::PanicsWhenRead(0),
        _ => Job::Square(n),
    };
    for (n, answer) in (0..).zip(pool.map((0..8).map(job))) {
        match n {
            3 => assert!(panicked(answer).ends_with(": three")),
            4 => assert!(panicked(answer).ends_with(": read")),
            _ => assert_eq!(number(answer), n * n),
        }
    }
    assert_eq!(number(pool.apply(Job::Id)), id);
}

fn what_panics_when_dropped_fails_its_job_only() {
    let pool = start(1);
    let id = number(pool.apply(Job::Id));
    let jobs = [Job::Square(1), Job::Bomb, Job::BombAnswer, Job::Square(2)];
    let answers: Vec<_> = pool.imap(jobs, 4).collect();
    let [one, bomb, dropped, two] = answers.try_into().unwrap();
    assert_eq!((number(one), number(two)), (1, 4));
    panicked(bomb);
    assert!(panicked(dropped).ends_with(": the bomb goes off"));
    assert_eq!(number(pool.apply(Job::Id)), id);
}

fn a_killed_worker_fails_its_chunk_only() {
    let pool = start(4);
    for round in 0..20 {
        let before = ids(&pool, 4);
        let victim = round * 3;
        let job = |n| match n == victim {
            true => Job::Killed,
            false => Job::Square(n),
        };
        // 64 jobs on four workers are chunks of four.
        let chunk = victim / 4 * 4..victim / 4 * 4 + 4;
        for (n, answer) in (0..).zip(pool.map((0..64).map(job))) {
            match chunk.contains(&n) {
                true => assert!(before.contains(&killed(&answer))),
                false => assert_eq!(number(answer), n * n),
            }
        }
    }
    let left = pool.apply(Job::Exit(7)).unwrap_err().to_string();
    assert!(left.ends_with(") ended, exit status: 7"), "{left}");
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
                    Err(_) => {
                        killed(&answer);
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

fn what_cannot_be_serialised_fails_its_job_only() {
    let pool = start(1);
    let id = number(pool.apply(Job::Id));
    for _ in 0..3 {
        let jobs = [
            Job::Unserialisable(0),
            Job::Square(1),
            Job::Unreadable(0),
            Job::Square(2),
            Job::UnserialisableAnswer,
            Job::Square(3),
            Job::UnreadableAnswer,
            Job::Square(4),
        ];
        for (n, answer) in (0..).zip(pool.imap(jobs, 8)) {
            match n % 2 {
                0 => assert!(unreadable(answer).contains("refused")),
                _ => assert_eq!(number(answer), (n / 2 + 1) * (n / 2 + 1)),
            }
        }
        assert_eq!(number(pool.apply(Job::Id)), id);
    }
}

fn attributes_of_serde_work() {
    let pool = start(1);
    for limit in [None, Some(3)] {
        let attributes = Attributes {
            limit,
            a: vec![7],
            b: 0,
            c: vec![1, 42],
            rest: BTreeMap::from([
                ("x".into(), Untagged::Number(-1)),
                ("y".into(), Untagged::Text("z".into())),
                ("z".into(), Untagged::Host([127, 0, 0, 1].into())),
            ]),
        };
        let answer = pool.apply(Job::Attributes(attributes.clone()));
        assert_eq!(answer, Ok(Answer::Attributes(attributes)));
    }
}

/// A job that is read without reading.
#[derive(Serialize)]
struct Careless(u8);

impl<'de> Deserialize<'de> for Careless {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self(0))
    }
}

/// How many were done by this worker.
fn count(_: Careless) -> u64 {
    static DONE: AtomicU64 = AtomicU64::new(0);
    DONE.fetch_add(1, SeqCst) + 1
}

fn what_reads_nothing_is_done_once() {
    let pool = Pool::new(Some(1), &work_if_worker(count)).unwrap();
    let answers: Vec<_> = pool.imap([Careless(1), Careless(2)], 2).collect();
    assert_eq!(answers, [Ok(1), Ok(2)]);
}

fn a_copy_that_a_job_forks_answers_nothing() {
    let pool = start(1);
    for n in 0..20 {
        assert_eq!(number(pool.apply(Job::Fork)), 0);
        assert_eq!(number(pool.apply(Job::Square(n))), n * n);
    }
}

fn any_size_comes_through() {
    let pool = start(2);
    // Lengths about that of what is copied, and of what is read at once.
    let around = (16384 - 20..16384 + 20).chain(8192 - 20..8192 + 20);
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
    assert_eq!(sleeping.wait(), Err(JobError::Dropped));
    let waiting = waiting.wait_timeout(Duration::ZERO).ok().unwrap();
    assert_eq!(waiting, Err(JobError::Dropped));
}

/// A limit for what is to be answered, however busy the machine.
const AMPLE: Duration = Duration::from_secs(5);
/// A limit for what never is.
const SHORT: Duration = Duration::from_millis(300);

fn a_limit_ends_jobs_that_hang_and_workers_that_are_stopped() {
    let folder = folder("limit");
    let file = folder.join("id");
    let mut pool = start(1);
    let id = number(pool.apply(Job::Id));
    pool.limit(AMPLE);
    assert_eq!(number(pool.apply(Job::Id)), id);
    // It writes the id before it hangs.
    let hangs = pool.apply(Job::StartAndHang(file.to_str().unwrap().into()));
    assert_eq!(hangs, Err(JobError::TooSlow));
    // What the job has started goes with it; the system may take a moment to reap it.
    let started = fs::read_to_string(&file).unwrap().parse().unwrap();
    while exists(started) {
        thread::yield_now();
    }
    // Its successor is stopped: in mid-job, or before it gets one, so that it costs nothing.
    let id = number(pool.apply(Job::Id));
    signal("STOP", id);
    pool.limit(SHORT);
    assert_eq!(pool.apply(Job::Square(3)), Err(JobError::TooSlow));
    pool.limit(AMPLE);
    let id = number(pool.apply(Job::Id));
    signal("STOP", id);
    // Not `assert_eq!`: it would print a megabyte.
    assert!(pool.apply(large()) == Ok(Answer::Bytes(vec![1; 1 << 20])));
    // A job that has left the group of its worker is no safer.
    pool.limit(SHORT);
    assert_eq!(pool.apply(Job::LeaveGroup), Err(JobError::TooSlow));
    pool.limit(AMPLE);
    assert!(pool.apply(Job::Square(3)).is_ok());
    // The limit is taken back: longer than it was.
    pool.limit(Duration::MAX);
    assert_eq!(number(pool.apply(Job::Work(400))), 400);
    fs::remove_dir_all(folder).unwrap();
}

/// A part of this job fits into the socket of a stopped worker; the rest is not read.
fn large() -> Job {
    Job::Echo(vec![1; 1 << 20])
}

/// To every thread, by a handler without `SA_RESTART`, so that they end what waits by `EINTR`.
fn signals_do_not_put_off_the_limit() {
    extern "C" fn nothing(_: i32) {}
    let handler = SigHandler::Handler(nothing);
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing.
    unsafe { sigaction(Signal::SIGUSR1, &action) }.unwrap();
    let mut pool = start(1);
    let id = number(pool.apply(Job::Id));
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(SeqCst) {
                for thread in fs::read_dir("/proc/self/task").unwrap() {
                    let thread = thread.unwrap().file_name().into_string().unwrap();
                    let thread: i32 = thread.parse().unwrap();
                    // SAFETY: it takes numbers only.
                    unsafe {
                        libc::syscall(libc::SYS_tgkill, process::id(), thread, libc::SIGUSR1)
                    };
                }
                thread::sleep(Duration::from_micros(100));
            }
        });
        for n in 0..1000 {
            assert_eq!(number(pool.apply(Job::Square(n))), n * n);
        }
        // Nor do they cost the worker anything.
        assert_eq!(number(pool.apply(Job::Id)), id);
        pool.limit(SHORT);
        assert_eq!(pool.apply(Job::Sleep), Err(JobError::TooSlow));
        pool.limit(AMPLE);
        let id = number(pool.apply(Job::Id));
        signal("STOP", id);
        assert!(pool.apply(large()) == Ok(Answer::Bytes(vec![1; 1 << 20])));
        over.store(true, SeqCst);
    });
    // Longer than any clock.
    pool.limit(Duration::MAX);
    assert_eq!(
        pool.map((0..10).map(Job::Square)).map(number).sum::<u64>(),
        285
    );
}

/// A new folder, which is to be removed.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = env::temp_dir().join(format!("lesson-pool-{name}-{}", process::id()));
    fs::create_dir(&folder).unwrap();
    folder
}

fn a_function_is_not_mistaken_for_another() {
    for [first, second] in [closures(), twins()] {
        let first = Pool::new(Some(1), &first).unwrap();
        let second = Pool::new(Some(1), &second).unwrap();
        assert_eq!((first.apply(2), second.apply(2)), (Ok(12), Ok(20)));
    }
}

fn standard_input_is_empty() {
    let pool = start(2);
    assert_eq!(number(pool.apply(Job::ReadStdin)), 0);
    // Nor do readers that are left behind get any of the jobs.
    for n in 0..20 {
        number(pool.apply(Job::LeaveReader));
        assert_eq!(number(pool.apply(Job::Square(n))), n * n);
    }
}

fn jobs_start_this_program_like_any_other() {
    let pool = start(1);
    let answer = pool.apply(Job::OwnProgram);
    assert_eq!(answer, Ok(Answer::Text("Ok(Number(9))\n".into())));
}

fn what_jobs_print_is_printed() {
    assert_eq!(part("print"), "no line end");
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
            assert_eq!(handle.wait(), Err(JobError::Dropped));
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
        killed(&pool.apply(Job::Killed));
    }
    assert_eq!(open(), before);
}

fn workers_that_do_not_serve() {
    for large in ["", ", large"] {
        let said = part(&format!("workers end before they serve{large}"));
        assert!(said.contains("Died(") && said.contains("(768)"), "{said}");
    }
    // That is refused, or there would be no end.
    let said = part("workers come to a pool of their own");
    assert!(said.contains("this is a worker: `main` must"), "{said}");
    assert!(said.contains("Died("), "{said}");
}

fn workers_that_cannot_be_replaced() {
    let said = part("descriptors run out");
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].ends_with("ended, signal: 9 (SIGKILL)"), "{said}");
    assert!(lines[1].starts_with("cannot start a worker: "), "{said}");
    assert!(lines[1].ends_with("raise `ulimit -n`"), "{said}");
    assert_eq!(lines[2], "Ok(Number(9))");
}

/// Where a worker starts anew, nothing of it depends on.
fn surroundings() {
    let mut program = Command::new(env::current_exe().unwrap());
    program.env(PART, "one job");
    assert_eq!(said(program.env("TMPDIR", "/none")), "Ok(Number(9))\n");
    // As `nohup` does with another signal: the child inherits it.
    let ignoring = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])";
    let mut python = Command::new("python3");
    python
        .args(["-c", ignoring])
        .arg(env::current_exe().unwrap());
    let said = said(python.env(PART, "kill one"));
    assert!(
        said.starts_with("Err(Died(") && said.contains(", None))"),
        "{said}"
    );
    assert!(said.ends_with("Ok(Number(9))\n"), "{said}");
}

fn the_file_of_the_program_is_deleted() {
    let folder = folder("deleted");
    let program = folder.join("program");
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    let said = said(
        Command::new(&program)
            .env(PART, "kill one")
            .env("DELETE", &program),
    );
    assert!(
        said.starts_with("Err(Died(") && said.ends_with("Ok(Number(9))\n"),
        "{said}"
    );
    fs::remove_dir(folder).unwrap();
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
    for id in ids {
        // A job that comes before it is dead would be its own. An error: it is reaped already.
        let id = Id::Pid(Pid::from_raw(id as i32));
        let _ = waitid(id, WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT);
    }
    println!("{}", handle.wait().unwrap_err());
    println!("{}", pool.apply(Job::Id).unwrap_err());
    // The drivers are still there, and so are the descriptors again.
    drop(files);
    println!("{:?}", pool.apply(Job::Square(3)));
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
