//! What `children.rs` promises, checked.
//!
//! `fork` wants a program with a single thread, and the usual test harness starts one
//! for each test: these tests are called by a `main` of their own, one after another.

#[path = "../src/children.rs"]
mod children;

use std::collections::HashSet;
use std::error::Error;
use std::process::{self, Command};
use std::{env, fs, thread};

use children::{Child, Failure, run_all};
use nix::errno::Errno;
use nix::sys::signal::{self, Signal};
use nix::sys::wait::{self, WaitPidFlag};
use nix::unistd::{self, Pid, alarm};

type Test = fn() -> Result<(), Box<dyn Error>>;

const TESTS: &[(&str, Test)] = &[
    ("five_ids_all_different_none_the_parents", five_ids),
    ("the_parents_variable_is_unchanged", parents_variable),
    ("answers_come_in_the_order_of_the_jobs", order),
    ("long_answers_and_empty_ones_come_whole", any_length),
    ("half_an_answer_is_no_answer", half_an_answer),
    ("a_panic_is_told_with_its_message", panics),
    ("an_exit_status_is_told", exit_status),
    ("a_signal_is_told_by_its_name", signals),
    ("a_child_that_is_dropped_is_killed", dropped),
    ("a_program_with_threads_is_refused", threads),
    ("threads_that_were_joined_are_no_obstacle", joined_threads),
    ("a_shortage_half_way_ends_those_already_started", shortage),
];

/// Set in the run that has few descriptors.
const SCARCE: &str = "SCARCE";

fn main() -> Result<(), Box<dyn Error>> {
    // Whatever waits for ever, ends here.
    alarm::set(120);
    if env::var_os(SCARCE).is_some() {
        return few_descriptors();
    }
    let filters: Vec<_> = env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let chosen = |name: &str| filters.is_empty() || filters.iter().any(|f| name.contains(f));
    let tests: Vec<_> = TESTS.iter().filter(|(name, _)| chosen(name)).collect();
    println!("\nrunning {} tests", tests.len());
    for (name, test) in &tests {
        test().map_err(|error| format!("{name}: {error}"))?;
        assert!(no_child_left(), "{name}: a child or a zombie is left");
        println!("test {name} ... ok");
    }
    println!(
        "\ntest result: ok. {} passed; 0 failed; 0 ignored; 0 measured; {} filtered out\n",
        tests.len(),
        TESTS.len() - tests.len()
    );
    Ok(())
}

/// Neither a running one nor a zombie.
fn no_child_left() -> bool {
    wait::waitpid(None::<Pid>, Some(WaitPidFlag::WNOHANG)) == Err(Errno::ECHILD)
}

fn five_ids() -> Result<(), Box<dyn Error>> {
    let mut ids = HashSet::from([process::id().to_string()]);
    for answer in run_all([(); 5].map(|()| || process::id().to_string().into()))? {
        ids.insert(String::from_utf8(answer?)?);
    }
    assert_eq!(ids.len(), 6);

    let child = Child::start(|| process::id().to_string().into())?;
    let id = child.id().to_string();
    assert_eq!(child.answer()?, id.into_bytes());
    Ok(())
}

fn parents_variable() -> Result<(), Box<dyn Error>> {
    let mut balance = 100;
    let child = Child::start(|| {
        balance -= 80;
        vec![balance]
    })?;
    assert_eq!(child.answer()?, [20]);
    assert_eq!(balance, 100);
    Ok(())
}

/// The first child ends last: it waits until the others are gone.
fn order() -> Result<(), Box<dyn Error>> {
    let (listener, done) = std::io::pipe()?;
    let answers = run_all((0..8).map(|number| {
        let (listener, done) = (&listener, &done);
        move || {
            use std::io::{Read, Write};
            if number == 0 {
                (&*listener).read_exact(&mut [0; 7]).unwrap();
            } else {
                (&*done).write_all(&[0]).unwrap();
            }
            vec![number]
        }
    }))?;
    let answers: Result<Vec<_>, _> = answers.into_iter().collect();
    assert_eq!(answers?.concat(), [0, 1, 2, 3, 4, 5, 6, 7]);
    Ok(())
}

fn any_length() -> Result<(), Box<dyn Error>> {
    let lengths = [0, 1, 65_535, 65_536, 65_537, 20_000_000];
    let answer = |length| {
        (0..length)
            .map(|n: u32| (n % 251) as u8)
            .collect::<Vec<_>>()
    };
    let answers = run_all(lengths.map(|length| move || answer(length)))?;
    for (length, given) in lengths.into_iter().zip(answers) {
        assert!(given? == answer(length), "{length} bytes");
    }
    Ok(())
}

fn half_an_answer() -> Result<(), Box<dyn Error>> {
    let child = Child::start(|| vec![7; 1_000_000])?;
    // As soon as it sleeps, the pipe is full, and the child is in the middle of writing.
    while !fs::read_to_string(format!("/proc/{}/stat", child.id()))?.contains(") S ") {
        thread::yield_now();
    }
    signal::kill(child.id(), Signal::SIGKILL)?;
    let answer = child.answer();
    assert!(
        matches!(answer, Err(Failure::Killed(Signal::SIGKILL))),
        "{answer:?}"
    );
    Ok(())
}

fn panics() -> Result<(), Box<dyn Error>> {
    let children = [
        Child::start(|| panic!("out of paper"))?,
        Child::start(|| panic!("out of {}", "ink"))?,
        Child::start(|| std::panic::panic_any(7))?,
    ];
    for (child, expected) in children
        .into_iter()
        .zip(["out of paper", "out of ink", "no message"])
    {
        match child.answer() {
            Err(Failure::Panicked(message)) => assert_eq!(message, expected),
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}

/// A child that leaves before it answers has no answer, whatever its status.
fn exit_status() -> Result<(), Box<dyn Error>> {
    for status in [0, 3, 101] {
        let answer = Child::start(|| process::exit(status))?.answer();
        assert!(
            matches!(answer, Err(Failure::Exited(s)) if s == status),
            "{answer:?}"
        );
    }
    Ok(())
}

fn signals() -> Result<(), Box<dyn Error>> {
    for signal in [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGUSR1] {
        let child = Child::start(|| {
            loop {
                unistd::pause();
            }
        })?;
        signal::kill(child.id(), signal)?;
        let failure = child.answer().unwrap_err();
        assert_eq!(failure.to_string(), format!("killed by {signal}"));
    }
    let answer = Child::start(|| process::abort())?.answer();
    assert!(
        matches!(answer, Err(Failure::Killed(Signal::SIGABRT))),
        "{answer:?}"
    );
    Ok(())
}

/// It would never end by itself.
fn dropped() -> Result<(), Box<dyn Error>> {
    drop(Child::start(|| {
        loop {
            unistd::pause();
        }
    })?);
    Ok(())
}

fn threads() -> Result<(), Box<dyn Error>> {
    thread::scope(|scope| {
        let other = scope.spawn(thread::park);
        let refusal = Child::start(Vec::new).err();
        other.thread().unpark();
        assert!(
            refusal
                .unwrap()
                .to_string()
                .contains("more than one thread")
        );
    });
    Ok(())
}

fn joined_threads() -> Result<(), Box<dyn Error>> {
    for _ in 0..200 {
        thread::spawn(|| ()).join().unwrap();
        Child::start(Vec::new)?.answer()?;
    }
    Ok(())
}

/// This program again, with few descriptors.
fn shortage() -> Result<(), Box<dyn Error>> {
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 32; exec \"$0\""])
        .arg(env::current_exe()?)
        .env(SCARCE, "1")
        .output()?;
    assert!(output.status.success(), "{output:?}");
    Ok(())
}

fn few_descriptors() -> Result<(), Box<dyn Error>> {
    let jobs = (0..100).map(|_| {
        || loop {
            unistd::pause();
        }
    });
    let error = run_all(jobs).unwrap_err().to_string();
    assert!(error.contains("ulimit -n"), "{error}");
    assert!(no_child_left());
    Ok(())
}
