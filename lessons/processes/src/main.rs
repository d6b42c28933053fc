//! **Process**: a running program with memory of its own.
//!
//! Python: `multiprocessing.Process`   Rust: `nix::unistd::fork`, `Command`
//!
//!     cargo run -p lesson-processes        (3 seconds)
//!
//! Five children by fork; a child changes a variable, and its parent's stays; a
//! child that is a fresh start of this program; a long computation split over all
//! cores; and two children that come to grief.
//!
//! Take away: `src/children.rs`.

mod children;

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::process::{self, Command, ExitCode};
use std::{env, thread};

use children::{Child, Failure, run_all};
use nix::sys::signal::{self, Signal};
use timing::{Lesson, say};

const BALANCE: u32 = 100;
/// Four times the author's: in Rust his would be over before a child is well under way.
const COUNT: u64 = 2_000_000_000;
/// Set for the child that is a fresh start of this program, to the balance it is given.
const FRESH_CHILD: &str = "LESSON_PROCESSES_CHILD";
/// The very file that runs, even if another one has taken its place since.
const THIS_PROGRAM: &str = "/proc/self/exe";

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    if let Ok(balance) = env::var(FRESH_CHILD) {
        return fresh_child(&balance);
    }
    timing::run(include_str!("main.rs"), &[], |lesson| {
        five_children(lesson)?;
        memory_is_copied(lesson)?;
        fresh_start(lesson)?;
        work_on_all_cores(lesson)?;
        children_that_fail(lesson)
    })
}

/// They wait for their second all at once. Only the parent prints; a child gives it its
/// answer, here the two ids as the child sees them.
fn five_children(lesson: &Lesson) -> Result {
    let act = lesson.act("Five children by fork");
    say!("the parent is process {}", process::id());
    let mut children = Vec::new();
    for number in 1..=5 {
        let span = lesson.lane(format!("child {number}")).waiting("waits");
        let child = Child::start(|| {
            thread::sleep(timing::seconds(1.0));
            let (id, parent) = (process::id(), nix::unistd::getppid());
            format!("I am process {id}, my parent is {parent}").into()
        })?;
        children.push((number, span, child));
    }
    let mut went_well = 0;
    for (number, span, child) in children {
        let answer = child.answer();
        drop(span);
        went_well += u32::from(answer.is_ok());
        say!("child {number}: {}", in_words(answer));
    }
    act.end(format_args!("{went_well} of 5 left with exit status 0"));
    Ok(())
}

/// In a thread this closure would change the one `balance` there is. In a child it has
/// a copy of it, as of everything else.
fn memory_is_copied(lesson: &Lesson) -> Result {
    let act = lesson.act("A child pays out 80 of 100");
    let mut balance = BALANCE;
    let child = Child::start(|| {
        balance -= 80;
        balance.to_string().into()
    })?;
    say!("child:  the balance is {}", in_words(child.answer()));
    say!("parent: the balance is {balance}");
    act.end(format_args!("the parent still has its {balance}"));
    Ok(())
}

/// Python calls it *spawn*. The program begins anew and knows only what it is given. It
/// takes longer, and unlike `fork` it is sound at any time, from any thread.
fn fresh_start(lesson: &Lesson) -> Result {
    let act = lesson.act("A child that is a fresh start of this program");
    let (forked, _) = timing::step("fork, and wait for the child", || {
        Child::start(Vec::new).map(Child::answer)
    });
    forked??;
    let (output, _) = timing::step("start anew, and wait for it", || {
        Command::new(THIS_PROGRAM)
            .env(FRESH_CHILD, BALANCE.to_string())
            .output()
    });
    let output = output.map_err(|error| format!("cannot start {THIS_PROGRAM}: {error}"))?;
    if !output.status.success() {
        return Err(format!("the fresh child failed: {}", output.status).into());
    }
    say!("child:  {}", String::from_utf8_lossy(&output.stdout).trim());
    act.end("nothing is copied, all that it knows was given to it");
    Ok(())
}

/// The whole life of that child. If its parent is gone, there is nobody to complain to.
fn fresh_child(balance: &str) -> ExitCode {
    let Some(balance) = balance.parse().ok().and_then(|b: u32| b.checked_sub(80)) else {
        return ExitCode::FAILURE;
    };
    let id = process::id();
    match writeln!(io::stdout(), "I am process {id}, the balance is {balance}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// The computation of the lesson gil, each core's share in a process of its own.
fn work_on_all_cores(lesson: &Lesson) -> Result {
    let act = lesson.act(format_args!("Counting down from {COUNT}"));
    let span = lesson.lane("parent").working("counts down");
    let (_, one_by_one) = timing::step("on one process", || count_down(COUNT));
    drop(span);

    let cores = thread::available_parallelism()?.get() as u64;
    let shares = (0..cores).map(|core| {
        let share = COUNT * (core + 1) / cores - COUNT * core / cores;
        move || {
            count_down(share);
            Vec::new()
        }
    });
    // Of a large machine the timeline shows the first five.
    let lanes = (1..=cores.min(5)).map(|child| lesson.lane(format!("child {child}")));
    let spans: Vec<_> = lanes.map(|lane| lane.working("counts")).collect();
    let name = match cores {
        1 => "on 1 process".to_owned(),
        _ => format!("on {cores} processes, one a core"),
    };
    let (answers, together) = timing::step(name, || run_all(shares));
    drop(spans);
    for answer in answers? {
        answer?;
    }
    let speedup = one_by_one.as_secs_f64() / together.as_secs_f64();
    act.end(format_args!("{speedup:.1} times as fast"));
    lesson.speedup("processes", one_by_one, together, Some(5.3));
    Ok(())
}

/// `black_box` keeps the compiler from seeing that nothing comes of this. It is given nothing:
/// a number would go through memory at each step, and that is what would be timed.
fn count_down(from: u64) {
    let mut left = from;
    while left > 0 {
        left -= 1;
        black_box(());
    }
}

/// Neither takes the parent down with it, and neither goes unnoticed.
fn children_that_fail(lesson: &Lesson) -> Result {
    let act = lesson.act("Three children, two of them come to grief");
    let children = [
        Child::start(|| "counted the till".into())?,
        Child::start(|| panic!("out of paper"))?,
        Child::start(|| {
            loop {
                nix::unistd::pause();
            }
        })?,
    ];
    // As the system does it when memory runs out.
    signal::kill(children[2].id(), Signal::SIGKILL)?;
    let mut failures = 0;
    for (number, child) in (1..).zip(children) {
        let answer = child.answer();
        failures += u32::from(answer.is_err());
        say!("child {number}: {}", in_words(answer));
    }
    act.end(format_args!(
        "{failures} have no answer, and the parent knows why"
    ));
    Ok(())
}

fn in_words(answer: std::result::Result<Vec<u8>, Failure>) -> String {
    match answer {
        Ok(answer) => String::from_utf8_lossy(&answer).into_owned(),
        Err(failure) => format!("no answer, {failure}"),
    }
}
