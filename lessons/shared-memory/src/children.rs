// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; nix 0.31 (fs, poll, process, signal).
//! Child processes by `fork` that share the parent's `Shared` memory. None of them outlives
//! its parent, and none is left as a zombie. Linux only.

use std::fs;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::panic::{self, AssertUnwindSafe};
use std::{ptr, thread};

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{self, Signal};
use nix::sys::wait::{self, WaitPidFlag, WaitStatus};
use nix::unistd::{self, ForkResult, Pid};

/// So much of a panic's message reaches the parent: what fits into a pipe for certain.
const LONGEST_WORDS: usize = 4096;

/// Some of the children of this process. Those that are still there are killed and waited for
/// when this is dropped. The others are neither waited for nor killed.
#[derive(Debug, Default)]
pub struct Children {
    running: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    name: String,
    id: Pid,
    /// The child has the other end, and writes into it where and why it panicked. This one
    /// is at its end as soon as the child is.
    last_words: PipeReader,
}

impl Children {
    /// Forks a child that does `job` and leaves. It has a copy of every variable, but of
    /// shared memory the original. Its standard input is empty. If it panics, it leaves at once
    /// with exit status 101: nothing is printed, and `catch_unwind` is too late. With `panic =
    /// "abort"` as well. It takes one file descriptor here.
    ///
    /// If SIGCHLD is ignored, as a program may inherit it, this sets it back to its default:
    /// else the system throws exit statuses away.
    ///
    /// # Errors
    ///
    /// If this process has other threads, as their locks would stay locked in the child; if
    /// a panic is under way; if this thread holds a robust lock, as that of a `SharedMutex`:
    /// the child would have its `&mut` too. (A `std` lock that this thread holds stays locked
    /// in the child: a job that takes it hangs.) If standard output cannot be flushed. If the
    /// system is out of processes (EAGAIN, see `ulimit -u`) or descriptors (EMFILE,
    /// `ulimit -n`).
    pub fn start(&mut self, name: impl Into<String>, job: impl FnOnce()) -> io::Result<()> {
        let name = name.into();
        let (last_words, writer) = io::pipe()?;
        // Without a writer: an empty input.
        let (no_input, _) = io::pipe()?;
        // Else the child has a copy of what is yet to be printed, and prints it as well.
        io::stdout().flush()?;
        keep_exit_statuses();
        refuse_to_fork()?;
        let parent = unistd::getpid();
        // SAFETY: no other thread holds a lock that would stay locked in the child, and no
        // `&mut` into shared memory is there that the child would have a copy of.
        match unsafe { unistd::fork() }? {
            ForkResult::Parent { child } => self.running.push(Running {
                name,
                id: child,
                last_words,
            }),
            ForkResult::Child => {
                // No child outlives its parent; one that is gone already sends no signal.
                if prctl::set_pdeathsig(Signal::SIGKILL).is_err()
                    || unistd::getppid() != parent
                    || unistd::dup2_stdin(no_input).is_err()
                {
                    leave(1);
                }
                be_the_child(writer, job);
            }
        }
        Ok(())
    }

    /// Waits until no more than so many of them are left. As soon as one ends in any other
    /// way than with exit status 0, that is the error. There is no limit of time: a child
    /// that hangs or is stopped ends this wait only when it is killed. (So does a job that sets
    /// a panic hook of its own, or becomes another program: from then on it is waited for first.)
    pub fn wait_until_left(&mut self, left: usize) -> io::Result<()> {
        while self.running.len() > left {
            // For whichever ends first: the others may be waiting for one that is dead.
            let place = self.wait_for_one()?;
            let mut child = self.running.swap_remove(place);
            let how = match waitpid(child.id) {
                Ok(WaitStatus::Exited(_, 0)) => continue,
                Ok(WaitStatus::Exited(_, status)) => child.last_words(status),
                Ok(WaitStatus::Signaled(_, signal, _)) => format!("was killed by {signal}"),
                other => format!("ended, and how is not known: {other:?}"),
            };
            return Err(io::Error::other(format!("{} {how}", child.name)));
        }
        Ok(())
    }

    /// The place of one that has ended, or ends now.
    fn wait_for_one(&self) -> nix::Result<usize> {
        let pipes = self.running.iter().map(|child| child.last_words.as_fd());
        let mut ends: Vec<_> = pipes
            .map(|pipe| PollFd::new(pipe, PollFlags::POLLIN))
            .collect();
        loop {
            match poll(&mut ends, PollTimeout::NONE) {
                Err(Errno::EINTR) => continue,
                polled => polled?,
            };
            if let Some(place) = ends.iter().position(|end| end.any() == Some(true)) {
                return Ok(place);
            }
        }
    }

    /// Does what `kill -9` does to the child of that name, and waits until it is gone.
    pub fn kill(&mut self, name: &str) {
        let named = |child: &mut Running| child.name == name;
        self.running.extract_if(.., named).for_each(kill);
    }
}

impl Running {
    /// How a child that left with this status did so. Does not wait: the pipe is ready.
    fn last_words(&mut self, status: i32) -> String {
        let mut words = [0; LONGEST_WORDS];
        match self.last_words.read(&mut words) {
            Ok(length) if length > 0 => String::from_utf8_lossy(&words[..length]).into_owned(),
            _ => format!("left with exit status {status}"),
        }
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.running.drain(..).for_each(kill);
    }
}

fn kill(child: Running) {
    // Only a child of ours that is still there is killed, whatever has become of the id.
    let alive = wait::waitpid(child.id, Some(WaitPidFlag::WNOHANG));
    if alive == Ok(WaitStatus::StillAlive) {
        let _ = signal::kill(child.id, Signal::SIGKILL);
        let _ = waitpid(child.id);
    }
}

/// Does `job`, with its number from 0 on, in so many children, and waits for them all, as
/// [`Children::wait_until_left`] does.
pub fn together(count: usize, job: impl Fn(usize)) -> io::Result<()> {
    let mut children = Children::default();
    for number in 0..count {
        let job = &job;
        children.start(format!("child {}", number + 1), move || job(number))?;
    }
    children.wait_until_left(0)
}

fn waitpid(id: Pid) -> nix::Result<WaitStatus> {
    loop {
        match wait::waitpid(id, None) {
            Err(Errno::EINTR) => {}
            status => return status,
        }
    }
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
    if fs::read_dir("/proc/self/task")?.count() > 1 {
        return refuse("there is more than one thread");
    }
    Ok(())
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
fn be_the_child(pipe: PipeWriter, job: impl FnOnce()) -> ! {
    let act = || {
        // Drops the parent's hook, which may unwind as well.
        panic::set_hook(Box::new(move |panic| {
            let mut words = panic.to_string().replace('\n', " ").into_bytes();
            words.truncate(LONGEST_WORDS);
            let _ = (&pipe).write_all(&words);
            leave(101);
        }));
        job();
    };
    // What `resume_unwind` throws passes the hook by.
    match panic::catch_unwind(AssertUnwindSafe(act)) {
        Ok(()) => leave(0),
        Err(_) => leave(101),
    }
}

/// Without what a program does at its end: that is the parent's to do. Only what this process
/// has printed goes out.
fn leave(status: i32) -> ! {
    let _ = io::stdout().flush();
    // SAFETY: `_exit` takes any status, and nothing of ours runs after it.
    unsafe { libc::_exit(status) }
}
