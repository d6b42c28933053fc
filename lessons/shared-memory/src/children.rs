// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; nix 0.31 (fs, poll, process, signal).
//! Child processes by `fork` that share the parent's `Shared` memory. No child outlives its
//! parent, and none is left as a zombie. Linux only.

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

/// At most this much of a panic's message reaches the parent: it always fits into a pipe.
const LONGEST_WORDS: usize = 4096;

/// Some of the children of this process. Dropping this kills those that still run, and reaps them.
/// It leaves other children of the process alone.
#[derive(Debug, Default)]
pub struct Children {
    running: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    name: String,
    id: Pid,
    /// The child has the other end, and writes into it where and why it panicked. When the child
    /// ends, this reports the end of file.
    last_words: PipeReader,
}

impl Children {
    /// Forks a child that does `job` and exits. The child has a copy of every variable, but it
    /// shares the shared memory. Its standard input is empty. If it panics, it exits at once with
    /// status 101: nothing is printed, and `catch_unwind` does not catch it. (This also holds with
    /// `panic = "abort"`.) It needs one file descriptor in this process.
    ///
    /// If SIGCHLD is ignored, which a program may inherit, this restores the default: otherwise
    /// the system would discard exit statuses.
    ///
    /// # Errors
    ///
    /// - If this process has other threads: locks that they hold would stay locked in the child.
    /// - If a panic is in progress.
    /// - If this thread holds a robust lock, such as that of a `SharedMutex`: the child would have
    ///   a copy of its `&mut`. (A `std` lock that this thread holds is not noticed. It stays locked
    ///   in the child, and a job that acquires it hangs.)
    /// - If standard output cannot be flushed.
    /// - If the system is out of processes (EAGAIN, see `ulimit -u`) or descriptors (EMFILE, see
    ///   `ulimit -n`).
    pub fn start(&mut self, name: impl Into<String>, job: impl FnOnce()) -> io::Result<()> {
        let name = name.into();
        let (last_words, writer) = io::pipe()?;
        // A pipe without a writer: an empty input.
        let (no_input, _) = io::pipe()?;
        // Otherwise the child would have a copy of the buffered output, and print it as well.
        io::stdout().flush()?;
        keep_exit_statuses();
        refuse_to_fork()?;
        let parent = unistd::getpid();
        // SAFETY: there is no other thread whose lock would stay locked in the child, and no
        // `&mut` into shared memory that the child would have a copy of.
        match unsafe { unistd::fork() }? {
            ForkResult::Parent { child } => self.running.push(Running {
                name,
                id: child,
                last_words,
            }),
            ForkResult::Child => {
                // The child is killed when its parent ends. A parent that has already ended
                // sends no signal, so check for that.
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

    /// Waits until at most `left` children are left. There is no time-out: for a child that hangs
    /// or is stopped, this waits until that child is killed.
    ///
    /// (A job that sets its own panic hook, or starts another program in its place with `exec`,
    /// closes its pipe early. From then on this waits for that child first.)
    ///
    /// # Errors
    ///
    /// As soon as a child ends in any other way than with exit status 0.
    pub fn wait_until_left(&mut self, left: usize) -> io::Result<()> {
        while self.running.len() > left {
            // Take the first child that ends: the others may be waiting for a dead one.
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

    /// Waits for a child to end, and returns its place.
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

    /// Kills the child of that name as `kill -9` does, and reaps it.
    pub fn kill(&mut self, name: &str) {
        let named = |child: &mut Running| child.name == name;
        self.running.extract_if(.., named).for_each(kill);
    }
}

impl Running {
    /// Why a child ended with this exit status. Does not block, because the pipe is ready.
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
    // Only if it still runs: otherwise its id may belong to another process.
    let alive = wait::waitpid(child.id, Some(WaitPidFlag::WNOHANG));
    if alive == Ok(WaitStatus::StillAlive) {
        let _ = signal::kill(child.id, Signal::SIGKILL);
        let _ = waitpid(child.id);
    }
}

/// Does `job` in `count` children, each with its number from 0, and waits for all of them as
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

/// The error says why a copy of this process would not be safe to use.
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

/// The system keeps a list of the robust locks that this thread holds.
fn holds_robust_lock() -> io::Result<bool> {
    let (mut list, mut length) = (ptr::null::<*const libc::c_void>(), 0_usize);
    // SAFETY: the system writes the address and the length of this thread's list into these two.
    let asked = unsafe { libc::syscall(libc::SYS_get_robust_list, 0, &mut list, &mut length) };
    Errno::result(asked)?;
    // SAFETY: if there is a list, it lives as long as this thread. It is a ring: the head of an
    // empty list points to itself.
    Ok(!list.is_null() && unsafe { *list } != list.cast())
}

/// While SIGCHLD is ignored, the system discards exit statuses, and may reuse the id of an ended
/// child at once.
fn keep_exit_statuses() {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: the first call only reads. If it fails, zeros are a valid action. The default action
    // runs no code of this program.
    unsafe {
        libc::sigaction(libc::SIGCHLD, ptr::null(), action.as_mut_ptr());
        if action.assume_init().sa_sigaction == libc::SIG_IGN {
            libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        }
    }
}

/// What the child does. It neither returns nor unwinds: the code after the fork is the parent's.
fn be_the_child(pipe: PipeWriter, job: impl FnOnce()) -> ! {
    let act = || {
        // Replaces the parent's hook, which might unwind.
        panic::set_hook(Box::new(move |panic| {
            let mut words = panic.to_string().replace('\n', " ").into_bytes();
            words.truncate(LONGEST_WORDS);
            let _ = (&pipe).write_all(&words);
            leave(101);
        }));
        job();
    };
    // `resume_unwind` does not call the hook.
    match panic::catch_unwind(AssertUnwindSafe(act)) {
        Ok(()) => leave(0),
        Err(_) => leave(101),
    }
}

/// Ends the process without the cleanup at exit, which is the parent's to do. It only flushes what
/// this process has printed.
fn leave(status: i32) -> ! {
    let _ = io::stdout().flush();
    // SAFETY: `_exit` takes any status, and nothing of ours runs after it.
    unsafe { libc::_exit(status) }
}
