// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; nix 0.31 (process, signal).
//! Child processes by `fork`: each runs a closure; the parent collects its answer, or the
//! reason why there is none. Linux only. Needs the crate `nix` with `process` and `signal`.

use std::any::Any;
use std::fmt::{self, Display};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::panic::{self, AssertUnwindSafe};
use std::time::Duration;
use std::{fs, thread};

use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl;
use nix::sys::signal::{self, Signal};
use nix::sys::wait::{self, WaitStatus};
use nix::unistd::{self, ForkResult, Pid};

/// The exit status of a child that sent its answer, as of any program that went well.
const ANSWERED: i32 = 0;
/// The exit status of a child that panicked, as of any Rust program that does.
const PANICKED: i32 = 101;

/// Why a child has no answer.
#[derive(Debug)]
pub enum Failure {
    /// Its closure panicked, with this message.
    Panicked(String),
    /// It left by itself with this exit status instead of returning from its closure.
    Exited(i32),
    /// A signal ended it.
    Killed(Signal),
    /// Its answer or its exit status could not be read.
    Lost(io::Error),
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(message) => write!(f, "panicked: {message}"),
            Self::Exited(status) => write!(f, "left with exit status {status}"),
            Self::Killed(signal) => write!(f, "killed by {signal}"),
            Self::Lost(error) => write!(f, "lost: {error}"),
        }
    }
}

impl std::error::Error for Failure {}

/// A child process at work on its answer.
///
/// Ask for the answer with [`Child::answer`]. A child that is dropped instead is killed
/// and waited for: no path leaves a running child or a zombie behind. It is killed as
/// well when its parent dies, however that happens. It takes one file descriptor.
pub struct Child {
    id: Pid,
    pipe: PipeReader,
    waited_for: bool,
}

impl Child {
    /// Forks a child that runs `job` on a copy of all the memory of this process: what
    /// it changes there, the parent never sees.
    ///
    /// The child prints no panic and runs no exit handler: it leaves by `_exit`.
    ///
    /// # Errors
    ///
    /// If this process has other threads: `fork` copies the memory with every lock as it
    /// is, but only the thread that calls it, and so a lock that another thread holds
    /// (the one of the memory allocator, say) stays locked in the child for ever.
    /// If the system is out of processes, descriptors or memory; see [`with_advice`].
    pub fn start(job: impl FnOnce() -> Vec<u8>) -> io::Result<Self> {
        refuse_threads()?;
        let (reader, writer) = io::pipe().map_err(with_advice)?;
        let parent = unistd::getpid();
        // SAFETY: there is no other thread (just checked, and only this one could have
        // started one since), so the child's memory is as whole as the parent's.
        match unsafe { unistd::fork() } {
            Ok(ForkResult::Parent { child }) => Ok(Self {
                id: child,
                pipe: reader,
                waited_for: false,
            }),
            Ok(ForkResult::Child) => {
                drop(reader);
                be_the_child(parent, writer, job)
            }
            Err(error) => Err(with_advice(error.into())),
        }
    }

    /// The process id. No other process has it before the answer was asked for.
    pub fn id(&self) -> Pid {
        self.id
    }

    /// Waits for the child to end and returns its answer, which may be of any length.
    ///
    /// `Ok` means that the answer is whole and that the exit status was 0.
    pub fn answer(mut self) -> Result<Vec<u8>, Failure> {
        // Read before waiting: a pipe holds 64 KiB, and a child with more to say does
        // not end before somebody listens.
        let mut message = Vec::new();
        self.pipe.read_to_end(&mut message).map_err(Failure::Lost)?;
        match (self.wait(), whole(message)) {
            (Ok(WaitStatus::Exited(_, ANSWERED)), Some(answer)) => Ok(answer),
            (Ok(WaitStatus::Exited(_, PANICKED)), Some(message)) => Err(Failure::Panicked(
                String::from_utf8_lossy(&message).into_owned(),
            )),
            (Ok(WaitStatus::Exited(_, status)), _) => Err(Failure::Exited(status)),
            (Ok(WaitStatus::Signaled(_, signal, _)), _) => Err(Failure::Killed(signal)),
            (Ok(other), _) => Err(Failure::Lost(io::Error::other(format!("{other:?}")))),
            (Err(error), _) => Err(Failure::Lost(error.into())),
        }
    }

    fn wait(&mut self) -> nix::Result<WaitStatus> {
        loop {
            let status = wait::waitpid(self.id, None);
            if status != Err(Errno::EINTR) {
                // Whatever it is: from now on the id may belong to another process.
                self.waited_for = true;
                return status;
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.waited_for {
            let _ = signal::kill(self.id, Signal::SIGKILL);
            let _ = self.wait();
        }
    }
}

/// Runs every job in a child of its own, all at once, and returns their answers in the
/// order of the jobs.
///
/// If one cannot be started, those before it are killed and waited for, and the error is
/// that of [`Child::start`].
pub fn run_all<J: FnOnce() -> Vec<u8>>(
    jobs: impl IntoIterator<Item = J>,
) -> io::Result<Vec<Result<Vec<u8>, Failure>>> {
    let children: io::Result<Vec<Child>> = jobs.into_iter().map(Child::start).collect();
    Ok(children?.into_iter().map(Child::answer).collect())
}

/// Adds to the error of starting a process what to do about it, if that is known.
pub fn with_advice(error: io::Error) -> io::Error {
    let advice = match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EAGAIN) => "too many processes, raise `ulimit -u`",
        Some(Errno::EMFILE) => "too many descriptors, raise `ulimit -n`",
        Some(Errno::ENOMEM) => "too little memory, start fewer",
        _ => return error,
    };
    io::Error::new(
        error.kind(),
        format!("cannot start a child: {advice} ({error})"),
    )
}

fn refuse_threads() -> io::Result<()> {
    // A thread that was joined just now may take a moment longer to be gone.
    for _ in 0..100 {
        if fs::read_dir("/proc/self/task")
            .map_err(with_advice)?
            .count()
            == 1
        {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(1));
    }
    Err(io::Error::other(
        "cannot fork: this program has more than one thread; start the children first",
    ))
}

/// What the child does from its first instruction to its last.
fn be_the_child(parent: Pid, mut pipe: PipeWriter, job: impl FnOnce() -> Vec<u8>) -> ! {
    // If the parent died before it was asked for, the signal never comes.
    if prctl::set_pdeathsig(Signal::SIGKILL).is_err() || unistd::getppid() != parent {
        leave(1);
    }
    panic::set_hook(Box::new(|_| ()));
    let (status, message) = match panic::catch_unwind(AssertUnwindSafe(job)) {
        Ok(answer) => (ANSWERED, answer),
        Err(payload) => (PANICKED, panic_message(&*payload).into()),
    };
    let length = (message.len() as u64).to_le_bytes();
    match pipe
        .write_all(&length)
        .and_then(|()| pipe.write_all(&message))
    {
        Ok(()) => leave(status),
        Err(_) => leave(1),
    }
}

/// Ends the child here and now. A usual exit would run the exit handlers, which are the
/// parent's, and print whatever the parent had not printed yet a second time.
fn leave(status: i32) -> ! {
    // SAFETY: `_exit` takes any status and touches no memory.
    unsafe { libc::_exit(status) }
}

fn panic_message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message")
}

/// The message without its length, if it is as long as that says: a child may have
/// been killed in the middle of it.
fn whole(mut message: Vec<u8>) -> Option<Vec<u8>> {
    let length = u64::from_le_bytes(*message.first_chunk()?);
    message.drain(..size_of::<u64>());
    (message.len() as u64 == length).then_some(message)
}
