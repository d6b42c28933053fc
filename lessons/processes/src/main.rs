//! **Process**: a running program with memory of its own.
//!
//! Python: `multiprocessing.Process`   Rust: `nix::unistd::fork`, `Command`
//!
//!     cargo run -p lesson-processes        (2 seconds)
//!
//! Five children by fork; a child that changes a variable, while its parent's
//! stays; a child that is a fresh start of this program; a long computation split
//! over all cores; and two children that fail.
//!
//! Take away: `src/children.rs`.

mod children;
mod counting;
mod fresh;

use std::error::Error;
use std::process::{self, ExitCode};
use std::thread;

use children::{Child, Failure};
use nix::sys::signal::{self, Signal};
use nix::unistd;
use timing::{Lesson, say, step};

const BALANCE: u32 = 100;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    // The child of act 3 begins here as well, and does nothing else.
    if let Some(status) = fresh::run_if_child() {
        return status;
    }
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let act = lesson.act("Five children by fork");
        let went_well = five_children(lesson)?;
        act.end(format_args!("{went_well} of 5 left with exit status 0"));

        let act = lesson.act("A child pays out 80 of 100");
        let balance = memory_is_copied()?;
        act.end(format_args!("the parent still has its {balance}"));

        let act = lesson.act("A child that is a fresh start of this program");
        fresh_start()?;
        act.end("nothing is copied: the child knows what it was given");

        let act = lesson.act("Count down on all cores");
        let [one, all] = counting::on_all_cores(lesson)?;
        let speedup = one.as_secs_f64() / all.as_secs_f64();
        act.end(format_args!("{speedup:.1} times as fast"));
        lesson.speedup("processes", one, all, Some(5.3));

        let act = lesson.act("Three children, two of them fail");
        let failures = children_that_fail()?;
        act.end(format_args!(
            "{failures} have no answer, and the parent knows why"
        ));
        Ok(())
    })
}

/// All five wait at the same time. Only the parent prints; each child returns its answer.
fn five_children(lesson: &Lesson) -> Result<usize> {
    say!("the parent is process {}", process::id());
    let mut children = Vec::new();
    for number in 1..=5 {
        let span = lesson.lane(format!("child {number}")).waiting("waits");
        let child = Child::start(|| {
            thread::sleep(timing::seconds(1.0));
            let (id, parent) = (process::id(), unistd::getppid());
            format!("I am process {id}, my parent is {parent}").into()
        })?;
        children.push((child, span));
    }
    let mut went_well = 0;
    for (number, (child, span)) in (1..).zip(children) {
        let answer = child.answer();
        drop(span);
        went_well += usize::from(answer.is_ok());
        say!("child {number}: {}", in_words(answer));
    }
    Ok(went_well)
}

/// A thread would change the one `balance` that there is. A child has a copy of all memory.
fn memory_is_copied() -> Result<u32> {
    let mut balance = BALANCE;
    let child = Child::start(|| {
        balance -= 80;
        balance.to_string().into()
    })?;
    say!("child:  the balance is {}", in_words(child.answer()));
    say!("parent: the balance is {balance}");
    Ok(balance)
}

/// Python calls it *spawn*. It takes longer than `fork`, and it is safe at any time and
/// from any thread.
fn fresh_start() -> Result<()> {
    let (forked, _) = step("fork, and wait for the child", || {
        Child::start(Vec::new).map(Child::answer)
    });
    forked??;
    let (said, _) = step("start anew, and wait for it", || fresh::start(BALANCE));
    say!("child:  {}", said?);
    Ok(())
}

/// A failure does not end the parent, and the parent learns the reason.
fn children_that_fail() -> Result<usize> {
    let hangs = || loop {
        unistd::pause();
    };
    let children = [
        Child::start(|| "counted the till".into())?,
        Child::start(|| panic!("out of paper"))?,
        Child::start(hangs)?,
    ];
    // As the system does when memory runs out.
    signal::kill(children[2].id(), Signal::SIGKILL)?;
    let mut failures = 0;
    for (number, child) in (1..).zip(children) {
        let answer = child.answer();
        failures += usize::from(answer.is_err());
        say!("child {number}: {}", in_words(answer));
    }
    Ok(failures)
}

fn in_words(answer: std::result::Result<Vec<u8>, Failure>) -> String {
    match answer {
        Ok(answer) => String::from_utf8_lossy(&answer).into_owned(),
        Err(failure) => format!("no answer, {failure}"),
    }
}
