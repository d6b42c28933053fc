//! The kinds of faults, and what they have in common.

mod descriptors;
mod executors;
mod fetch;
mod hung;
mod locks;
mod managers;
mod pipe;
mod pool;
mod processes;
mod queue;
mod signals;
mod stopped;

use std::time::Duration;
use std::{fs, io, iter, thread};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use rand::{RngExt, rngs::SmallRng};

use crate::pieces;
use crate::pieces::children::Child;
use crate::tally::Tally;

/// One round: short, and on its own. It counts the faults that it deals, and what becomes of
/// each job. An error means that it could not even begin, without a fault of its own.
pub type Round = fn(&mut SmallRng, &mut Tally) -> io::Result<()>;

/// Every kind that a process can deal to itself and its children.
pub const KINDS: [(&str, Round); 12] = [
    ("pool", pool::round),
    ("executors", executors::round),
    ("queue", queue::round),
    ("pipe", pipe::round),
    ("processes", processes::round),
    ("locks", locks::round),
    ("managers", managers::round),
    ("fetch", fetch::round),
    ("descriptors", descriptors::round),
    ("stopped", stopped::round),
    ("hung", hung::round),
    ("signals", signals::round),
];

/// The workers and children of the pieces are fresh starts of this program: they do their
/// work here, and never return.
pub fn work_if_started_by_a_piece() {
    signals::prepare();
    pool::function();
    hung::function();
    pieces::workers::work_if_worker(executors::work);
    pieces::queue::run_if_child(queue::child);
}

/// Lets up to so many microseconds pass.
fn pause(dice: &mut SmallRng, microseconds: u64) {
    thread::sleep(Duration::from_micros(dice.random_range(0..microseconds)));
}

/// Kills this child of ours, and says whether it still ran.
fn kill_child(id: u32) -> bool {
    signal_child(id, Signal::SIGKILL)
}

/// Sends a signal to this child of ours, and says whether it still ran. Once it has been waited
/// for, its id may be another's: then this does nothing.
fn signal_child(id: u32, signal: Signal) -> bool {
    let id = Pid::from_raw(id as i32);
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    waitid(Id::Pid(id), look) == Ok(WaitStatus::StillAlive) && kill(id, signal).is_ok()
}

/// Does this again and again until the result is dropped, with the id of this process; in a
/// child, because those who fork want no other thread here.
fn beside(mut deal: impl FnMut(Pid)) -> io::Result<Child> {
    let round = Pid::this();
    Child::start(move || {
        loop {
            deal(round);
        }
    })
}

/// A process, and its children but for the one that asks.
fn family(parent: Pid) -> Vec<Pid> {
    let threads = threads(parent);
    let children = threads.map(|thread| format!("/proc/{parent}/task/{thread}/children"));
    let children: String = children.flat_map(fs::read_to_string).collect();
    let children = children.split(' ').flat_map(str::parse).map(Pid::from_raw);
    let others = children.filter(|child| *child != Pid::this());
    iter::once(parent).chain(others).collect()
}

/// The threads of a process, or nothing if it is gone.
fn threads(process: Pid) -> impl Iterator<Item = Pid> {
    let entries = fs::read_dir(format!("/proc/{process}/task"))
        .into_iter()
        .flatten()
        .flatten();
    entries
        .flat_map(|entry| entry.file_name().to_str()?.parse().ok())
        .map(Pid::from_raw)
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
