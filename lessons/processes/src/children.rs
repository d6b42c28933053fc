// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; nix 0.31 (fs, process, signal).
//! Child processes by `fork`: each runs a closure, and the parent gets its answer, or the
//! reason why there is none. Linux only.

use std::fmt::{self, Display};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::mem::MaybeUninit;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fs, ptr, thread};

use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl;
use nix::sys::signal::{self, Signal};
use nix::sys::wait::{self, WaitPidFlag, WaitStatus};
use nix::unistd::{self, ForkResult, Pid};

/// The exit status of a child that sent its answer: success.
const ANSWERED: u8 = 0;
/// The exit status of a child that panicked, as of any Rust program that panics.
const PANICKED: u8 = 101;

/// Why a child has no answer.
#[derive(Debug)]
pub enum Failure {
    /// Its closure panicked, with this message.
    Panicked {
        message: String,
        /// File, line and column, as in `src/main.rs:7:13`.
        place: String,
    },
    /// It exited with this status instead of returning from its closure.
    Exited(i32),
    /// A signal ended it. With `panic = "abort"`, SIGABRT is a panic.
    Killed(Signal),
    /// It ended without an answer, and another part of the program has read its exit status.
    Lost(io::Error),
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked { message, place } => write!(f, "panicked at {place}: {message}"),
            Self::Exited(status) => write!(f, "left with exit status {status}"),
            Self::Killed(signal) => write!(f, "killed by {signal}"),
            Self::Lost(error) => write!(f, "lost: {error}"),
        }
    }
}

impl std::error::Error for Failure {}

/// A child process that computes an answer.
///
/// Get the answer with [`Child::answer`]. A child that is dropped instead is killed and
/// waited for: no path leaves a running child or a zombie behind. Each child also asks the
/// system to kill it when the thread that forked it ends, which includes any end of the
/// parent (`PR_SET_PDEATHSIG`). A child takes one file descriptor. Children that start
/// later inherit a copy of it, like all that is open at the fork.
#[derive(Debug)]
#[must_use = "a child that is dropped is killed"]
pub struct Child {
    id: Pid,
    pipe: PipeReader,
    waited_for: bool,
}

impl Child {
    /// Forks a child that runs `job` on a copy of all memory of this process. The parent does
    /// not see what the child changes there.
    ///
    /// The child's standard input is empty (except for what the parent has read ahead), so
    /// it takes no input from the parent. It prints no panic and runs no exit handler: it
    /// ends by `_exit`. Its standard output is flushed before that. Flush other buffered
    /// writers yourself, and before the fork too: the child has a copy of each buffer.
    ///
    /// If SIGCHLD is ignored (a program can inherit this), the system discards exit statuses.
    /// So this function sets SIGCHLD back to its default.
    ///
    /// # Errors
    ///
    /// - If this process has other threads. `fork` copies every lock as it is, but only the
    ///   thread that calls it. A lock that another thread holds (of standard output, or of a
    ///   logger) is never unlocked in the child. For the same reason do not hold a lock
    ///   yourself that `job` acquires.
    /// - If this thread holds a robust lock, as for memory that processes share: its `&mut`
    ///   would exist twice.
    /// - If a panic is under way, or if standard output cannot be flushed.
    /// - If the system is out of processes (EAGAIN, see `ulimit -u`), descriptors (EMFILE,
    ///   `ulimit -n`) or memory (ENOMEM).
    pub fn start(job: impl FnOnce() -> Vec<u8>) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        // A pipe without a writer is an empty input.
        let (no_input, _) = io::pipe()?;
        // Otherwise the child has a copy of the buffer, and prints it too.
        io::stdout().flush()?;
        keep_exit_statuses();
        refuse_to_fork()?;
        let parent = unistd::getpid();
        // SAFETY: there is no other thread (just checked, and only this thread could have
        // started one since), so the child's memory is consistent. No robust lock is held,
        // so no `&mut` into shared memory exists twice.
        match unsafe { unistd::fork() }? {
            ForkResult::Parent { child } => Ok(Self {
                id: child,
                pipe: reader,
                waited_for: false,
            }),
            ForkResult::Child => {
                drop(reader);
                // If the parent has died before this call, the signal never comes.
                if prctl::set_pdeathsig(Signal::SIGKILL).is_err()
                    || unistd::getppid() != parent
                    || unistd::dup2_stdin(no_input).is_err()
                {
                    leave(1);
                }
                be_the_child(writer, job)
            }
        }
    }

    /// The process id. No other process gets it before [`Child::answer`] is called, unless the
    /// program ignores SIGCHLD later, or waits for all of its children.
    pub fn id(&self) -> Pid {
        self.id
    }

    /// Waits for the child to end and returns its answer, which may be of any length.
    ///
    /// `Ok` means that the answer is complete, and that the child then exited by itself.
    ///
    /// There is no time limit: this blocks as long as the child hangs or is stopped. Begin a
    /// job that may hang with `nix::unistd::alarm::set(60)`: after 60 seconds the answer is
    /// `Killed(SIGALRM)`.
    pub fn answer(mut self) -> Result<Vec<u8>, Failure> {
        // Read first, then wait: a pipe holds 64 KiB, and a child with a longer answer does
        // not end before its parent has read it.
        let message = whole_message(&self.pipe);
        match (self.wait(), message) {
            (Ok(WaitStatus::Signaled(_, signal, _)), _) => Err(Failure::Killed(signal)),
            (Ok(WaitStatus::Exited(..)) | Err(Errno::ECHILD), Some(answer)) => answer,
            (Ok(WaitStatus::Exited(_, status)), None) => Err(Failure::Exited(status)),
            (Ok(other), _) => Err(Failure::Lost(io::Error::other(format!("{other:?}")))),
            (Err(error), _) => Err(Failure::Lost(error.into())),
        }
    }

    fn wait(&mut self) -> nix::Result<WaitStatus> {
        loop {
            let status = wait::waitpid(self.id, None);
            if status != Err(Errno::EINTR) {
                // In any case: from now on the id may belong to another process.
                self.waited_for = true;
                return status;
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Kill only a child of ours that still runs; its id may belong to another process.
        let status = || wait::waitpid(self.id, Some(WaitPidFlag::WNOHANG));
        if !self.waited_for && status() == Ok(WaitStatus::StillAlive) {
            let _ = signal::kill(self.id, Signal::SIGKILL);
            let _ = self.wait();
        }
    }
}

/// Runs each job in a child of its own, all at the same time, and returns the answers in
/// the order of the jobs.
///
/// If a child cannot be started, those before it are killed and waited for, and the error
/// is that of [`Child::start`].
pub fn run_all<J: FnOnce() -> Vec<u8>>(
    jobs: impl IntoIterator<Item = J>,
) -> io::Result<Vec<Result<Vec<u8>, Failure>>> {
    let children: io::Result<Vec<Child>> = jobs.into_iter().map(Child::start).collect();
    Ok(children?.into_iter().map(Child::answer).collect())
}

/// The error says why a copy of this process would not be usable.
fn refuse_to_fork() -> io::Result<()> {
    let refuse = |reason| Err(io::Error::other(format!("cannot fork: {reason}")));
    if thread::panicking() {
        // The child could not set its panic hook.
        return refuse("a panic is under way");
    }
    if holds_robust_lock()? {
        return refuse("this thread holds a lock in shared memory");
    }
    // A thread that was just joined may be listed for a moment longer.
    for _ in 0..100 {
        if fs::read_dir("/proc/self/task")?.count() == 1 {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(1));
    }
    refuse("this program has more than one thread; start the children first")
}

/// The system keeps a list of the robust locks that this thread holds.
fn holds_robust_lock() -> io::Result<bool> {
    let (mut list, mut length) = (ptr::null::<*const libc::c_void>(), 0_usize);
    // SAFETY: the system writes the place of this thread's list into these two variables.
    let asked = unsafe { libc::syscall(libc::SYS_get_robust_list, 0, &mut list, &mut length) };
    Errno::result(asked)?;
    // SAFETY: a list lives as long as its thread. It is a ring: the head of an empty list
    // points to itself.
    Ok(!list.is_null() && unsafe { *list } != list.cast())
}

/// While SIGCHLD is ignored, the system keeps no exit statuses, and may reuse the id of a
/// child as soon as it ends.
fn keep_exit_statuses() {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: the first call only reads. If it fails, zeros are a valid action. The default
    // action does nothing, so it runs no code of ours.
    unsafe {
        libc::sigaction(libc::SIGCHLD, ptr::null(), action.as_mut_ptr());
        if action.assume_init().sa_sigaction == libc::SIG_IGN {
            libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        }
    }
}

/// What the child does. It neither returns nor unwinds into the parent's code.
fn be_the_child(mut pipe: PipeWriter, job: impl FnOnce() -> Vec<u8>) -> ! {
    let last_panic = Arc::new(Mutex::new("an unknown place\nno message".to_owned()));
    let record = Arc::clone(&last_panic);
    // The hook is set in here, because dropping the previous hook may panic.
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        panic::set_hook(Box::new(move |panic| {
            let message = panic.payload_as_str().unwrap_or("no message");
            if let (Some(place), Ok(mut last)) = (panic.location(), record.lock()) {
                *last = format!("{place}\n{message}");
            }
        }));
        job()
    }));
    let last_panic = last_panic.lock().unwrap_or_else(PoisonError::into_inner);
    let (kind, message) = match &outcome {
        Ok(answer) => (ANSWERED, &answer[..]),
        // The payload is not dropped: its drop may panic again.
        Err(_) => (PANICKED, last_panic.as_bytes()),
    };
    let header = [&[kind][..], &message.len().to_le_bytes()].concat();
    let sent = pipe
        .write_all(&header)
        .and_then(|()| pipe.write_all(message));
    leave(if sent.is_ok() { kind.into() } else { 1 })
}

/// Ends the child at once. `process::exit` would run the exit handlers of the parent.
fn leave(status: i32) -> ! {
    // `_exit` would discard what the child has printed.
    let _ = io::stdout().flush();
    // SAFETY: `_exit` takes any status and touches no memory.
    unsafe { libc::_exit(status) }
}

/// What the child sent: the kind of message, its length, and the message. `None` if it is
/// shorter than its length: a child may have been killed in the middle of it.
fn whole_message(mut pipe: &PipeReader) -> Option<Result<Vec<u8>, Failure>> {
    let (mut kind, mut length) = ([0], [0; size_of::<usize>()]);
    pipe.read_exact(&mut kind).ok()?;
    pipe.read_exact(&mut length).ok()?;
    let length = usize::from_le_bytes(length);
    let mut message = Vec::new();
    pipe.take(length as u64).read_to_end(&mut message).ok()?;
    if message.len() != length {
        return None;
    }
    if kind == [ANSWERED] {
        return Some(Ok(message));
    }
    let text = String::from_utf8_lossy(&message);
    let (place, message) = text.split_once('\n')?;
    Some(Err(Failure::Panicked {
        message: message.into(),
        place: place.into(),
    }))
}
