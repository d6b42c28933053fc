// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; nix 0.31 (fs, process, signal).
//! Child processes by `fork`: each runs a closure; the parent collects its answer, or the
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

/// The exit status of a child that sent its answer, as of any program that went well.
const ANSWERED: u8 = 0;
/// The exit status of a child that panicked, as of any Rust program that does.
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
    /// It left by itself with this exit status instead of returning from its closure.
    Exited(i32),
    /// A signal ended it. With `panic = "abort"`, SIGABRT is a panic.
    Killed(Signal),
    /// It ended without an answer, and another part of the program has taken its exit status.
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

/// A child process at work on its answer.
///
/// Ask for the answer with [`Child::answer`]. A child that is dropped instead is killed
/// and waited for: no path leaves a running child or a zombie behind. It is killed as
/// well when its parent dies, however that happens. It takes one file descriptor; its
/// younger siblings have copies of that one, as of all that is open at the fork.
#[derive(Debug)]
#[must_use = "a child that is dropped is killed"]
pub struct Child {
    id: Pid,
    pipe: PipeReader,
    waited_for: bool,
}

impl Child {
    /// Forks a child that runs `job` on a copy of all the memory of this process: what
    /// it changes there, the parent never sees.
    ///
    /// The child's standard input is empty (but for what the parent has read ahead), so that
    /// it takes nothing from the parent's. It prints no panic and runs no exit handler: it
    /// leaves by `_exit`. Its standard output is flushed before; see to other writers that
    /// have a buffer yourself, also before the fork, as the child has a copy of the buffer.
    ///
    /// If SIGCHLD is ignored, as a program may inherit it, this sets it back to its default:
    /// else the system throws exit statuses away.
    ///
    /// # Errors
    ///
    /// If this process has other threads: `fork` copies the memory with every lock as it
    /// is, but only the thread that calls it, and so a lock that another thread holds
    /// (the one of the memory allocator, say) stays locked in the child without end. For the
    /// same reason, do not hold a lock of your own that the job takes.
    /// If this thread holds a robust lock, as of memory that processes share: its `&mut`
    /// would be there twice. If a panic is under way.
    /// If standard output cannot be flushed.
    /// If the system is out of processes (EAGAIN, see `ulimit -u`), descriptors (EMFILE,
    /// `ulimit -n`) or memory (ENOMEM).
    pub fn start(job: impl FnOnce() -> Vec<u8>) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        // Without a writer: an empty input.
        let (no_input, _) = io::pipe()?;
        // Else the child has a copy of what is yet to be printed, and prints it as well.
        io::stdout().flush()?;
        keep_exit_statuses();
        refuse_to_fork()?;
        let parent = unistd::getpid();
        // SAFETY: there is no other thread (just checked, and only this one could have
        // started one since), so the child's memory is as whole as the parent's. No robust
        // lock is held, and so no `&mut` into shared memory is there twice.
        match unsafe { unistd::fork() }? {
            ForkResult::Parent { child } => Ok(Self {
                id: child,
                pipe: reader,
                waited_for: false,
            }),
            ForkResult::Child => {
                drop(reader);
                // If the parent died before it was asked for, the signal never comes.
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

    /// The process id. No other process has it before the answer was asked for (unless the
    /// program has SIGCHLD ignored later on, or waits for all children that there are).
    pub fn id(&self) -> Pid {
        self.id
    }

    /// Waits for the child to end and returns its answer, which may be of any length.
    ///
    /// `Ok` means that the answer is whole, and that the child then left by itself.
    ///
    /// There is no limit of time: a child that hangs or is stopped ends this wait only when
    /// it is killed. Let a job that may hang begin with `nix::unistd::alarm::set(60)`: after 60
    /// seconds it is `Killed(SIGALRM)`.
    pub fn answer(mut self) -> Result<Vec<u8>, Failure> {
        // Read before waiting: a pipe holds 64 KiB, and a child with more to say does
        // not end before it is read.
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
                // Whatever it is: from now on the id may belong to another process.
                self.waited_for = true;
                return status;
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Only a child of ours that is still there is killed, whatever has become of the id.
        let status = || wait::waitpid(self.id, Some(WaitPidFlag::WNOHANG));
        if !self.waited_for && status() == Ok(WaitStatus::StillAlive) {
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

/// The error is why a copy of this process would not be fit for use.
fn refuse_to_fork() -> io::Result<()> {
    let refuse = |reason| Err(io::Error::other(format!("cannot fork: {reason}")));
    if thread::panicking() {
        // The child could not set its panic hook.
        return refuse("a panic is under way");
    }
    if holds_robust_lock()? {
        return refuse("this thread holds a lock in shared memory");
    }
    // A thread that was joined just now may take a moment longer to be gone.
    for _ in 0..100 {
        if fs::read_dir("/proc/self/task")?.count() == 1 {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(1));
    }
    refuse("this program has more than one thread; start the children first")
}

/// The system has a list of the robust locks that this thread holds.
fn holds_robust_lock() -> io::Result<bool> {
    let (mut list, mut length) = (ptr::null::<*const libc::c_void>(), 0_usize);
    // SAFETY: the system writes into these two where this thread's list is.
    let asked = unsafe { libc::syscall(libc::SYS_get_robust_list, 0, &mut list, &mut length) };
    Errno::result(asked)?;
    // SAFETY: if there is one, it stays as long as this thread. It is a ring: the head of an
    // empty one points to itself.
    Ok(!list.is_null() && unsafe { *list } != list.cast())
}

/// While SIGCHLD is ignored, the system keeps no exit status, and gives the id of a child
/// away at once.
fn keep_exit_statuses() {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: the first call only asks. Zeros are an action, should it fail. The default
    // action, which is to do nothing, runs no code of ours.
    unsafe {
        libc::sigaction(libc::SIGCHLD, ptr::null(), action.as_mut_ptr());
        if action.assume_init().sa_sigaction == libc::SIG_IGN {
            libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        }
    }
}

/// What the child does. It neither returns nor unwinds: all that comes then is the parent's.
fn be_the_child(mut pipe: PipeWriter, job: impl FnOnce() -> Vec<u8>) -> ! {
    let last_panic = Arc::new(Mutex::new("an unknown place\nno message".to_owned()));
    let record = Arc::clone(&last_panic);
    // With the hook, as the drop of the one before it may panic.
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
        // The payload is never dropped: that may panic again.
        Err(_) => (PANICKED, last_panic.as_bytes()),
    };
    let header = [&[kind][..], &message.len().to_le_bytes()].concat();
    let sent = pipe
        .write_all(&header)
        .and_then(|()| pipe.write_all(message));
    leave(if sent.is_ok() { kind.into() } else { 1 })
}

/// Ends the child here and now. A usual exit would run the exit handlers, which are the
/// parent's.
fn leave(status: i32) -> ! {
    // What the child has printed, which `_exit` would throw away.
    let _ = io::stdout().flush();
    // SAFETY: `_exit` takes any status and touches no memory.
    unsafe { libc::_exit(status) }
}

/// What the child sent: what kind of message it is, its length, and the message. `None` if it
/// is shorter than that says: a child may have been killed in the middle of it.
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
