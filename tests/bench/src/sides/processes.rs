//! Starting processes, and having them compute.

use std::env;
use std::fs;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

use nix::libc;
use nix::sys::wait::{wait, waitpid};
use nix::unistd::{ForkResult, fork};

use super::{Outcome, Side, seconds};
use crate::pieces::children::{Child, run_all};

pub const SIDES: &[Side] = &[
    ("fork", fork_and_wait),
    ("fork-bare", bare_fork_and_wait),
    ("fresh", || fresh_start(lesson()?, 300)),
    ("fresh-c", || fresh_start(empty_c_program()?, 300)),
    ("process-switch", process_switch),
    ("process-switch-bare", bare_process_switch),
    ("split", || split(in_children)),
    ("split-bare", || split(in_bare_children)),
];

const CHILDREN: u32 = 1000;

fn each(children: u32, took: f64) -> Outcome {
    Ok(vec![("us", took * 1e6 / f64::from(children))])
}

fn fork_and_wait() -> Outcome {
    let took = seconds(|| {
        for _ in 0..CHILDREN {
            let answer = Child::start(Vec::new).map(Child::answer);
            assert!(matches!(answer, Ok(Ok(_))), "a child failed");
        }
    });
    each(CHILDREN, took)
}

fn bare_fork_and_wait() -> Outcome {
    let took = seconds(|| {
        for _ in 0..CHILDREN {
            // SAFETY: this process has one thread, and the child does nothing but leave.
            match unsafe { fork() } {
                Ok(ForkResult::Parent { child }) => _ = waitpid(child, None),
                // SAFETY: as above.
                Ok(ForkResult::Child) => unsafe { libc::_exit(0) },
                Err(error) => panic!("cannot fork: {error}"),
            }
        }
    });
    each(CHILDREN, took)
}

fn fresh_start(mut program: Command, children: u32) -> Outcome {
    let program = program.stdout(Stdio::null());
    let took = seconds(|| {
        for _ in 0..children {
            assert!(program.status().is_ok_and(|status| status.success()));
        }
    });
    each(children, took)
}

/// The lesson as a fresh child of itself.
fn lesson() -> std::io::Result<Command> {
    let mut lesson = Command::new(env::current_exe()?.with_file_name("lesson-processes"));
    lesson.env("LESSON_PROCESSES_CHILD", "100");
    Ok(lesson)
}

/// What starting a program costs at the least.
fn empty_c_program() -> Result<Command, Box<dyn std::error::Error>> {
    let program = env::current_exe()?.with_file_name("bench-empty");
    if !program.exists() {
        let source = program.with_extension("c");
        fs::File::create(&source)?.write_all(b"int main(void) { return 0; }\n")?;
        let status = Command::new("cc")
            .arg("-O2")
            .arg("-o")
            .arg(&program)
            .arg(&source)
            .status();
        if !status.is_ok_and(|status| status.success()) {
            return Err("cc cannot compile an empty program; install a C compiler".into());
        }
    }
    Ok(Command::new(program))
}

const SWITCHES: u32 = 100_000;

/// Two processes that hand a byte over to each other: each sleeps until then.
fn process_switch() -> Outcome {
    let (mut theirs, mut to_them) = io::pipe()?;
    let (mut ours, mut to_us) = io::pipe()?;
    let child = Child::start(move || {
        let mut byte = [0];
        for _ in 0..SWITCHES / 2 {
            theirs.read_exact(&mut byte).expect("the other lives");
            to_us.write_all(&byte).expect("the other lives");
        }
        Vec::new()
    })?;
    let took = seconds(|| {
        let mut byte = [0];
        for _ in 0..SWITCHES / 2 {
            to_them.write_all(&byte).expect("the other lives");
            ours.read_exact(&mut byte).expect("the other lives");
        }
    });
    child.answer()?;
    Ok(vec![("ns", took * 1e9 / f64::from(SWITCHES))])
}

/// Two processes that give way to each other, by the system's own call for it.
fn bare_process_switch() -> Outcome {
    let give_way = || {
        for _ in 0..SWITCHES / 2 {
            thread::yield_now();
        }
        Vec::new()
    };
    let child = Child::start(give_way)?;
    let took = seconds(|| {
        give_way();
        child.answer().expect("it only gives way")
    });
    Ok(vec![("ns", took * 1e9 / f64::from(SWITCHES))])
}

const STEPS: u64 = 600_000_000;

fn compute(mut steps: u64) {
    while steps > 0 {
        steps -= 1;
        black_box(());
    }
}

/// The same computation in one child and in two: the best of three times of each.
fn split(in_children: fn(u64) -> f64) -> Outcome {
    let times: Vec<_> = (0..3).map(|_| [1, 2].map(in_children)).collect();
    let best = |place: usize| {
        times
            .iter()
            .map(|times| times[place])
            .fold(f64::MAX, f64::min)
    };
    Ok(vec![("times", best(0) / best(1))])
}

fn in_children(children: u64) -> f64 {
    let job = || {
        compute(STEPS / children);
        Vec::new()
    };
    let jobs = (0..children).map(|_| job);
    seconds(|| assert!(run_all(jobs).is_ok_and(|all| all.iter().all(Result::is_ok))))
}

fn in_bare_children(children: u64) -> f64 {
    seconds(|| {
        for _ in 0..children {
            // SAFETY: this process has one thread, and the child only counts and leaves.
            match unsafe { fork() } {
                Ok(ForkResult::Parent { .. }) => (),
                Ok(ForkResult::Child) => {
                    compute(STEPS / children);
                    // SAFETY: as above.
                    unsafe { libc::_exit(0) }
                }
                Err(error) => panic!("cannot fork: {error}"),
            }
        }
        for _ in 0..children {
            wait().expect("there is a child");
        }
    })
}
