//! What the chapter claims, checked. The children of `Child::start` are fresh starts of
//! this program, so it has a `main` of its own instead of the usual test harness.

#[path = "../src/queue.rs"]
mod queue;

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{self, Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use ipc_channel::ipc::{self, IpcReceiver, IpcSender};
use queue::{Child, QueueError};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
enum Ask {
    Echo(Vec<u8>),
    /// Count to the number, or for ever, into a queue that others use as well.
    Count(u32, Option<u64>, IpcSender<(u32, u64)>),
    Exit(i32),
}

type Worker = Child<Ask, Vec<u8>>;

fn child(inbox: IpcReceiver<Ask>, outbox: IpcSender<Vec<u8>>) {
    while let Ok(ask) = inbox.recv() {
        match ask {
            Ask::Echo(bytes) => outbox.send(bytes).unwrap(),
            Ask::Count(who, end, queue) => {
                let end = end.unwrap_or(u64::MAX);
                (0..end).for_each(|number| queue.send((who, number)).unwrap());
            }
            Ask::Exit(code) => process::exit(code),
        }
    }
}

/// The environment variable that makes the children of this program die before they say a word.
const EARLY: &str = "DIE_EARLY";

fn main() {
    if env::var_os(EARLY).is_some() {
        if env::var_os("QUEUE_CHILD").is_some() {
            process::exit(3);
        }
        println!("{}", Worker::start().err().unwrap());
        return;
    }
    queue::run_if_child(child);
    // A claim that hangs is a claim that fails.
    thread::spawn(|| {
        thread::sleep(Duration::from_secs(100));
        eprintln!("a claim takes for ever");
        process::exit(1);
    });
    let claims: [(&str, fn()); 9] = [
        ("both_print_their_ids", both_print_their_ids),
        ("every_sale_once_and_in_order", every_sale_once_and_in_order),
        ("the_dead_till_is_reported", the_dead_till_is_reported),
        ("what_is_put_comes_back", what_is_put_comes_back),
        (
            "every_message_once_in_order_per_producer",
            every_message_once,
        ),
        (
            "a_killed_producer_is_reported",
            a_killed_producer_is_reported,
        ),
        (
            "whoever_puts_to_the_dead_is_told",
            whoever_puts_to_the_dead_is_told,
        ),
        ("dead_before_its_first_word", dead_before_its_first_word),
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
        act.contains("till 2: the child has ended (signal: 9 (SIGKILL))"),
        "{act}"
    );
    assert!(act.contains("[[80, 70, 50], [10], [5, 15, 25]]"), "{act}");
}

fn what_is_put_comes_back() {
    let mut worker = Worker::start().unwrap();
    for size in [0, 1, 22, 100_000, 1 << 20, 20 << 20] {
        let bytes: Vec<u8> = (0..size).map(|n| n as u8).collect();
        worker.put(Ask::Echo(bytes.clone())).unwrap();
        assert_eq!(worker.get().unwrap(), bytes);
    }
    assert!(worker.join().unwrap().success());
}

fn every_message_once() {
    let mut workers: Vec<_> = (0..4).map(|_| Worker::start().unwrap()).collect();
    let (into, queue) = ipc::channel().unwrap();
    for (who, worker) in (0..).zip(&mut workers) {
        worker
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
        worker.put(Ask::Count(0, None, into)).unwrap();
        let mut next = 0;
        while let Ok((_, number)) = queue.recv() {
            assert_eq!(number, next);
            next += 1;
            if next == round {
                worker.kill().unwrap();
            }
        }
        assert!(next >= round);
        let Err(QueueError::Ended(status)) = worker.get() else {
            panic!("the worker has been killed");
        };
        assert_eq!(status.signal(), Some(9), "{}", worker.id());
    }
}

fn whoever_puts_to_the_dead_is_told() {
    let mut worker = Worker::start().unwrap();
    worker.put(Ask::Exit(7)).unwrap();
    let end = loop {
        if let Err(error) = worker.put(Ask::Echo(vec![])) {
            break error;
        }
    };
    assert_eq!(end.to_string(), "the child has ended (exit status: 7)");
    assert!(matches!(worker.get(), Err(QueueError::Ended(_))));
}

fn dead_before_its_first_word() {
    let mut parent = Command::new(env::current_exe().unwrap());
    let output = parent.env(EARLY, "1").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with("cannot start a child process: it ended (exit status: 3)"),
        "{said}"
    );
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
