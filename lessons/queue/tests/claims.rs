//! What the chapter claims, checked. The children of `Child::start` are fresh starts of
//! this program, so it has a `main` of its own instead of the usual test harness.

#[path = "../src/queue.rs"]
mod queue;

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{self, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{env, fs, iter, thread};

use ipc_channel::ipc::{self, IpcSender};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, sigaction};
use nix::unistd::Pid;
use queue::{Child, QueueError, Receiver, Sender};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
enum Ask {
    Echo(Vec<u8>),
    /// Count to the number, or without end, into a queue that others use as well.
    Count(u32, Option<u64>, IpcSender<(u32, u64)>),
    Exit(i32),
    /// How many bytes standard input has, for the child and for a program that it starts.
    ReadStdin,
    /// Go on, but close one end: the one to the parent, or the one from it.
    CloseOutbox,
    CloseInbox,
    /// What the program says when the child starts it in that part.
    Program(String),
    Hang,
}

type Worker = Child<Ask, Vec<u8>>;

fn child(inbox: Receiver<Ask>, outbox: Sender<Vec<u8>>) {
    while let Ok(ask) = inbox.get() {
        match ask {
            Ask::Echo(bytes) => outbox.put(bytes).unwrap(),
            Ask::Count(who, end, queue) => {
                let end = end.unwrap_or(u64::MAX);
                (0..end).for_each(|number| queue.send((who, number)).unwrap());
            }
            Ask::Exit(code) => process::exit(code),
            Ask::ReadStdin => {
                let mut read = Vec::new();
                std::io::stdin().read_to_end(&mut read).unwrap();
                read.extend(Command::new("cat").output().unwrap().stdout);
                outbox.put(read).unwrap();
            }
            Ask::CloseOutbox => {
                drop(outbox);
                while inbox.get().is_ok() {}
                return;
            }
            Ask::CloseInbox => {
                drop(inbox);
                while outbox.put(vec![0; 1000]).is_ok() {}
                return;
            }
            Ask::Program(name) => outbox.put(part(&name).into_bytes()).unwrap(),
            Ask::Hang => loop {
                thread::park();
            },
        }
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

/// Starts a child and has it answer, and says what came of it.
fn one_answer() {
    match Worker::start() {
        Err(error) => println!("{error}"),
        Ok(mut worker) => {
            worker.to.put(Ask::Echo(vec![7])).unwrap();
            println!("{:?}", worker.from.get());
            worker.process.kill();
            println!("{:?}", worker.join());
        }
    }
}

fn main() {
    let is_child = env::args().nth(1).as_deref() == Some("child-of-a-queue");
    match env::var(PART).as_deref() {
        Ok("children end early") if is_child => process::exit(3),
        Ok("children have other types") if is_child => {
            queue::run_if_child(|_: Receiver<(i32, u8)>, _: Sender<Vec<u8>>| ());
        }
        Ok("children are interrupted") if is_child => {
            take_signals();
            send_signals_until(&AtomicBool::new(false).into());
            queue::run_if_child(child);
        }
        _ => queue::run_if_child(child),
    }
    // A claim that hangs is a claim that fails.
    let (done, claims_done) = mpsc::channel();
    thread::spawn(move || {
        let next = || claims_done.recv_timeout(Duration::from_secs(100));
        if iter::repeat_with(next).find_map(Result::err) == Some(RecvTimeoutError::Timeout) {
            eprintln!("a claim takes too long");
            process::exit(1);
        }
    });
    match env::var(PART).as_deref() {
        Ok("its file is deleted") => fs::remove_file(env::current_exe().unwrap()).unwrap(),
        Ok("hello") => return println!("hello"),
        _ => {}
    }
    if env::var_os(PART).is_some() {
        return one_answer();
    }
    macro_rules! claims {
        ($($claim:ident)*) => { [$((stringify!($claim), $claim as fn())),*] };
    }
    let claims = claims! {
        both_print_their_ids
        every_sale_once_and_in_order
        the_dead_till_is_reported
        what_is_put_comes_back
        every_message_once
        puts_and_gets_on_two_threads
        a_limit_ends_the_wait
        a_child_that_closes_one_end_keeps_nobody_waiting
        a_killed_producer_is_reported
        putting_to_the_dead_is_an_error
        signals_interrupt_nothing
        signals_do_not_interrupt_the_child
        standard_input_is_empty
        the_child_starts_this_program_like_any_other
        dead_before_its_first_word
        other_types_are_refused
        a_folder_for_temporary_files_that_will_not_do
        a_starter_that_ignores_sigchld
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
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-queue"));
    lesson.env("LESSON_SPEED", "20");
    lesson
}

/// What the lesson prints in each act, twenty times faster.
fn acts() -> Vec<String> {
    let output = lesson().output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    output.split("\n\n").map(str::to_owned).collect()
}

fn both_print_their_ids() {
    let act = &acts()[1];
    let numbers = act.split(|c: char| !c.is_ascii_digit());
    let ids: Vec<u32> = numbers.filter_map(|n| n.parse().ok()).collect();
    let [_act, office, opens, till, ..] = ids[..] else {
        panic!("{act}");
    };
    assert_eq!(opens, till, "{act}");
    assert_ne!(office, till, "{act}");
}

fn every_sale_once_and_in_order() {
    let act = &acts()[2];
    for (till, sales) in [(1, [80, 70, 50]), (2, [10, 20, 30]), (3, [5, 15, 25])] {
        let start = format!("   till {till}: sold ");
        let sold = act.lines().filter_map(|line| line.strip_prefix(&start));
        let sold: Vec<u32> = sold.map(|amount| amount.parse().unwrap()).collect();
        assert_eq!(sold, sales, "{act}");
    }
}

fn the_dead_till_is_reported() {
    let act = &acts()[4];
    assert!(
        act.contains("till 2: the other process has closed the queue, signal: 9 (SIGKILL)"),
        "{act}"
    );
    assert!(act.contains("[[80, 70, 50], [10], [5, 15, 25]]"), "{act}");
}

fn what_is_put_comes_back() {
    let worker = Worker::start().unwrap();
    for size in [0, 1, 22, 100_000, 1 << 20, 20 << 20] {
        let bytes: Vec<u8> = (0..size).map(|n| n as u8).collect();
        worker.to.put(Ask::Echo(bytes.clone())).unwrap();
        assert_eq!(worker.from.get().unwrap(), bytes);
    }
    assert!(worker.join().unwrap().success());
}

fn every_message_once() {
    let workers: Vec<_> = (0..4).map(|_| Worker::start().unwrap()).collect();
    let (into, queue) = ipc::channel().unwrap();
    for (who, worker) in (0..).zip(&workers) {
        worker
            .to
            .put(Ask::Count(who, Some(5000), into.clone()))
            .unwrap();
    }
    drop(into);
    let mut next = [0; 4];
    while let Ok((who, number)) = queue.recv() {
        assert_eq!(number, next[who as usize]);
        next[who as usize] += 1;
    }
    assert_eq!(next, [5000; 4]);
}

/// Killed at any moment: its messages are there up to one of them, then the queue is over.
fn a_killed_producer_is_reported() {
    for round in 1..=100 {
        let mut worker = Worker::start().unwrap();
        let (into, queue) = ipc::channel().unwrap();
        worker.to.put(Ask::Count(0, None, into)).unwrap();
        let mut next = 0;
        while let Ok((_, number)) = queue.recv() {
            assert_eq!(number, next);
            next += 1;
            if next == round {
                worker.process.kill();
            }
        }
        assert!(next >= round);
        assert!(matches!(worker.from.get(), Err(QueueError::Closed)));
        assert_eq!(worker.join().unwrap().signal(), Some(9));
    }
}

/// Much more than the queues can hold, both ways: no order of the two sides gets stuck.
fn puts_and_gets_on_two_threads() {
    let Child { to, from, process } = Worker::start().unwrap();
    let putting = thread::spawn(move || {
        for n in 0..5000 {
            to.put(Ask::Echo(vec![n as u8; 1000])).unwrap();
        }
    });
    for n in 0..5000 {
        assert_eq!(from.get().unwrap(), [n as u8; 1000]);
    }
    putting.join().unwrap();
    drop(process);
    assert!(matches!(from.get(), Err(QueueError::Closed)));
}

fn a_limit_ends_the_wait() {
    let worker = Worker::start().unwrap();
    let get = |milliseconds| worker.from.get_timeout(Duration::from_millis(milliseconds));
    assert!(matches!(get(0), Err(QueueError::Empty)));
    assert!(matches!(get(20), Err(QueueError::Empty)));
    worker.to.put(Ask::Echo(vec![1])).unwrap();
    assert_eq!(get(50_000).unwrap(), [1]);
    worker.to.put(Ask::Hang).unwrap();
    assert!(matches!(get(20), Err(QueueError::Empty)));
    // A `put` that waits is ended by the end of the child.
    let Child {
        to, mut process, ..
    } = worker;
    assert_ne!(process.id(), process::id());
    let putting = thread::spawn(move || while to.put(Ask::Echo(vec![0; 1000])).is_ok() {});
    process.kill();
    putting.join().unwrap();
}

fn a_child_that_closes_one_end_keeps_nobody_waiting() {
    let worker = Worker::start().unwrap();
    worker.to.put(Ask::CloseOutbox).unwrap();
    assert!(matches!(worker.from.get(), Err(QueueError::Closed)));
    assert!(worker.join().unwrap().success());
    let worker = Worker::start().unwrap();
    worker.to.put(Ask::CloseInbox).unwrap();
    while worker.to.put(Ask::Hang).is_ok() {}
    assert!(worker.join().unwrap().success());
}

fn putting_to_the_dead_is_an_error() {
    let worker = Worker::start().unwrap();
    worker.to.put(Ask::Exit(7)).unwrap();
    let end = loop {
        if let Err(error) = worker.to.put(Ask::Echo(vec![])) {
            break error;
        }
    };
    assert_eq!(end.to_string(), "the other process has closed the queue");
    assert!(matches!(worker.from.get(), Err(QueueError::Closed)));
    assert_eq!(worker.join().unwrap().code(), Some(7));
}

/// By a handler without `SA_RESTART`, so that they end what waits by `EINTR`.
fn take_signals() {
    extern "C" fn nothing(_: i32) {}
    let handler = SigAction::new(
        SigHandler::Handler(nothing),
        SaFlags::empty(),
        SigSet::empty(),
    );
    // SAFETY: the handler does nothing.
    unsafe { sigaction(Signal::SIGUSR1, &handler) }.unwrap();
}

/// To a thread of this process that does not block them.
fn send_signals_until(over: &Arc<AtomicBool>) -> JoinHandle<()> {
    let over = Arc::clone(over);
    thread::spawn(move || {
        SigSet::from(Signal::SIGUSR1).thread_block().unwrap();
        while !over.load(SeqCst) {
            kill(Pid::this(), Signal::SIGUSR1).unwrap();
            thread::sleep(Duration::from_micros(100));
        }
    })
}

fn signals_interrupt_nothing() {
    take_signals();
    let over = Arc::new(AtomicBool::new(false));
    let storm = send_signals_until(&over);
    let Child { to, from, process } = Worker::start().unwrap();
    // This thread gets the signals: first while it puts, and the queues are full both ways.
    let (full, is_full) = mpsc::channel();
    let getting = thread::spawn(move || {
        SigSet::from(Signal::SIGUSR1).thread_block().unwrap();
        is_full.recv().unwrap();
        (0..2000).for_each(|n| assert_eq!(from.get().unwrap(), [n as u8; 1000]));
        from
    });
    for n in 0..2000 {
        to.put(Ask::Echo(vec![n as u8; 1000])).unwrap();
        if n == 100 {
            full.send(()).unwrap();
        }
    }
    let from = getting.join().unwrap();
    // Then while it gets.
    for n in 0..2000 {
        to.put(Ask::Echo(vec![n as u8])).unwrap();
        assert_eq!(from.get().unwrap(), [n as u8]);
    }
    let limit = Duration::from_millis(50);
    assert!(matches!(from.get_timeout(limit), Err(QueueError::Empty)));
    over.store(true, SeqCst);
    storm.join().unwrap();
    drop(process);
}

/// From its first moment, while it is being connected and while it gets.
fn signals_do_not_interrupt_the_child() {
    for _ in 0..20 {
        let said = part("children are interrupted");
        assert!(said.starts_with("Ok([7])\n"), "{said}");
    }
}

fn standard_input_is_empty() {
    let worker = Worker::start().unwrap();
    worker.to.put(Ask::ReadStdin).unwrap();
    assert_eq!(worker.from.get().unwrap(), []);
}

fn the_child_starts_this_program_like_any_other() {
    let worker = Worker::start().unwrap();
    worker.to.put(Ask::Program("hello".into())).unwrap();
    assert_eq!(worker.from.get().unwrap(), b"hello\n");
}

fn dead_before_its_first_word() {
    let said = part("children end early");
    let expected = "cannot start a child process: it ended (exit status: 3)";
    assert!(said.starts_with(expected), "{said}");
}

fn other_types_are_refused() {
    let said = part("children have other types");
    assert!(
        said.contains("`run_if_child` is for other types than `start`: ((i32, u8), "),
        "{said}"
    );
}

fn a_folder_for_temporary_files_that_will_not_do() {
    let folder = env::temp_dir().join(format!("lesson-queue-tmp-{}", process::id()));
    fs::create_dir(&folder).unwrap();
    let length = folder.as_os_str().len();
    let long = |to: usize| folder.join("x".repeat(to - length - 1));
    // The name of the socket is 18 longer: `/.tmpABCDEF/socket`.
    for length in [length + 2, 88, 89, 90, 95, 107, 120] {
        let folder = long(length);
        fs::create_dir(&folder).unwrap();
        let mut program = Command::new(env::current_exe().unwrap());
        let said = said(program.env(PART, "one").env("TMPDIR", &folder));
        if length <= 89 {
            assert!(said.starts_with("Ok([7])"), "{said}");
        } else {
            assert!(said.contains("set TMPDIR to a shorter name"), "{said}");
        }
        // Fails if something is left in it.
        fs::remove_dir(&folder).unwrap();
    }
    fs::remove_dir(&folder).unwrap();
    let no_text = OsString::from_vec(b"/tmp/\xff".to_vec());
    for bad in ["/none".into(), "/proc".into(), "/dev/null".into(), no_text] {
        let mut program = Command::new(env::current_exe().unwrap());
        let said = said(program.env(PART, "one").env("TMPDIR", bad));
        assert!(
            said.starts_with("cannot start a child process: set TMPDIR to a"),
            "{said}"
        );
    }
}

fn a_starter_that_ignores_sigchld() {
    let ignore = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])";
    let mut python = Command::new("python3");
    python.args(["-c", ignore]).arg(env::current_exe().unwrap());
    let said = said(python.env(PART, "one"));
    assert!(
        said.starts_with("Ok([7])") && said.contains("ignores SIGCHLD"),
        "{said}"
    );
}

fn the_file_of_the_program_is_deleted() {
    let program = env::temp_dir().join(format!("lesson-queue-program-{}", process::id()));
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    let said = said(Command::new(&program).env(PART, "its file is deleted"));
    assert!(said.starts_with("Ok([7])"), "{said}");
}

/// The children have the lesson's standard output: it ends when the last of them has left.
fn a_killed_parent_leaves_nothing() {
    let folder = env::temp_dir().join(format!("lesson-queue-{}", process::id()));
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
