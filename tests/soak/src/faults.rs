//! The kinds of faults, and what they have in common.

mod descriptors;
mod executors;
mod fetch;
mod locks;
mod managers;
mod pipe;
mod pool;
mod processes;
mod queue;

use std::time::Duration;
use std::{io, thread};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use rand::{RngExt, rngs::SmallRng};

use crate::pieces;
use crate::tally::Tally;

/// One round: short, and on its own. It counts the faults that it deals, and what becomes of
/// each job. An error means that it could not even begin, without a fault of its own.
pub type Round = fn(&mut SmallRng, &mut Tally) -> io::Result<()>;

/// Every kind that a process can deal to itself and its children.
pub const KINDS: [(&str, Round); 9] = [
    ("pool", pool::round),
    ("executors", executors::round),
    ("queue", queue::round),
    ("pipe", pipe::round),
    ("processes", processes::round),
    ("locks", locks::round),
    ("managers", managers::round),
    ("fetch", fetch::round),
    ("descriptors", descriptors::round),
];

/// The workers and children of the pieces are fresh starts of this program: they do their
/// work here, and never return.
pub fn work_if_started_by_a_piece() {
    pool::function();
    pieces::workers::work_if_worker(executors::work);
    pieces::queue::run_if_child(queue::child);
}

/// Lets up to so many microseconds pass.
fn pause(dice: &mut SmallRng, microseconds: u64) {
    thread::sleep(Duration::from_micros(dice.random_range(0..microseconds)));
}

/// Kills this child of ours, and says whether it still ran. Once it has been waited for, its
/// id may be another's: then this does nothing.
fn kill_child(id: u32) -> bool {
    let id = Pid::from_raw(id as i32);
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    waitid(Id::Pid(id), look) == Ok(WaitStatus::StillAlive) && kill(id, Signal::SIGKILL).is_ok()
}

/// So many bytes that differ from message to message.
fn bytes(seed: u64, length: usize) -> Vec<u8> {
    (seed..).map(|n| (n * n % 251) as u8).take(length).collect()
}

/// The length of a job: small as a rule, and now and then more than fits into a socket.
fn length(dice: &mut SmallRng) -> usize {
    let limit = if dice.random_ratio(1, 40) {
        400_000
    } else {
        10
    };
    dice.random_range(0..limit)
}
