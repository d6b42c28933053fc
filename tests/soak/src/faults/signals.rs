//! Signals to all threads, many times in a millisecond, while the others do their work: each
//! wait is interrupted, and that must change nothing.

use std::io;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction, signal};
use nix::unistd::Pid;
use rand::{RngExt, rngs::SmallRng};

use super::{Round, beside, descriptors, executors, family, fetch, hung, locks, managers};
use super::{pipe, pool, processes, queue, stopped, threads};
use crate::pieces::ways::{in_processes, in_tasks, on_threads};
use crate::tally::{Count, Outcome, Tally};

/// A program that has no handler for it ignores it. So do ours, until they have got that far.
const SIGNAL: Signal = Signal::SIGURG;

/// How many have interrupted this process.
static TAKEN: AtomicU64 = AtomicU64::new(0);

const ROUNDS: [Round; 12] = [
    pool::round,
    executors::round,
    queue::round,
    pipe::round,
    processes::round,
    locks::round,
    managers::round,
    fetch::round,
    descriptors::round,
    stopped::round,
    hung::round,
    choose,
];

/// Has the signal interrupt what this process and its forks wait for: without `SA_RESTART`, the
/// system does not go on with the wait by itself. Also sees to it that how children ended is
/// known, even if this program was started with `SIGCHLD` ignored.
pub fn prepare() {
    extern "C" fn take(_: libc::c_int) {
        TAKEN.fetch_add(1, SeqCst);
    }
    let handler = SigHandler::Handler(take);
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: to count in an atomic is allowed in a handler; the default is nobody's code.
    let set =
        unsafe { sigaction(SIGNAL, &action).and(signal(Signal::SIGCHLD, SigHandler::SigDfl)) };
    set.expect("there are such signals");
}

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let storm = beside(|round| {
        let of = |process| threads(process).map(move |thread| (process, thread));
        let threads: Vec<_> = family(round).into_iter().flat_map(of).collect();
        for _ in 0..20 {
            threads.iter().for_each(interrupt);
            // Not without a pause: a fork begins anew when a signal comes.
            thread::sleep(Duration::from_micros(20));
        }
    })?;
    while TAKEN.load(SeqCst) == 0 {
        thread::yield_now();
    }
    tally[Count::Faults] += 1;
    ROUNDS[dice.random_range(0..ROUNDS.len())](dice, tally)?;
    drop(storm);
    Ok(())
}

fn interrupt((process, thread): &(Pid, Pid)) {
    // SAFETY: the system call takes numbers only.
    unsafe { libc::syscall(libc::SYS_tgkill, process.as_raw(), thread.as_raw(), SIGNAL) };
}

/// The same few jobs on threads, in processes and in tasks.
fn choose(_: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    const WAIT: Duration = Duration::from_millis(20);
    let right: Vec<_> = (0..8).map(|number| format!("{number}\n")).collect();
    let programs = right.iter().map(|answer| {
        let mut program = Command::new("sh");
        program.args(["-c", &format!("sleep 0.02; printf '{answer}'")]);
        program
    });
    let waits = right.iter().cloned().map(|answer| {
        move || {
            thread::sleep(WAIT);
            answer
        }
    });
    let tasks = right.iter().cloned().map(|answer| async move {
        tokio::time::sleep(WAIT).await;
        answer
    });
    for answers in [in_processes(programs), on_threads(waits), in_tasks(tasks)] {
        tally.job(match answers {
            Ok(answers) if answers == right => Outcome::Right,
            other => Outcome::Wrong(format!("{other:?}")),
        });
    }
    Ok(())
}
