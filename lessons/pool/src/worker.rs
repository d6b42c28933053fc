// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2024; nix 0.31 (fs, poll, signal).
//! A worker process, to be copied together with `pool.rs`: what comes and goes is bytes here,
//! and `pool.rs` knows what they mean.
//!
//! A **worker** is this program, started anew; its `main` comes to [`serve`]. Its standard
//! input is a socket: chunks of jobs come by it, answers go back by it, and it hangs up when
//! the pool's process is gone, however that happened. The worker leaves then, even in
//! mid-job. The jobs themselves find an empty standard input.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::{net::UnixStream, process::CommandExt};
use std::panic::{self, AssertUnwindSafe};
use std::process::{self, Child, Command, ExitStatus};
use std::time::Duration;
use std::{env, mem, thread};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, kill, killpg};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::{Pid, dup2_stdin};

/// The running program, even if its file has been replaced or deleted since.
const THIS_PROGRAM: &str = "/proc/self/exe";
/// The first argument of a worker. The second is the name of its function.
const MARK: &str = "worker-of-a-pool";
/// So much of a message is copied, to go out with its length in one system call.
const COPIED: usize = 16 * 1024;

/// The pool's end of the socket. The worker leaves when this is dropped.
#[derive(Debug)]
pub struct Worker(BufReader<UnixStream>);

impl Worker {
    /// Starts this program anew. A terminal's Ctrl-C does not reach it. The error says what
    /// was missing; a worker is refused a worker of its own.
    pub fn start(function: &str) -> io::Result<(Self, Process)> {
        if env::args_os().nth(1).is_some_and(|first| first == MARK) {
            let reason = "this is a worker: `main` must first call `work_if_worker`";
            return Err(io::Error::other(reason));
        }
        let (ours, theirs) = UnixStream::pair()?;
        let mut command = Command::new(THIS_PROGRAM);
        command.args([MARK, function]).process_group(0);
        let process = Process(command.stdin(OwnedFd::from(theirs)).spawn()?);
        Ok((Self(BufReader::new(ours)), process))
    }

    /// Sends a chunk of jobs. After an error the worker does not have them whole, and so
    /// begins none of them.
    ///
    /// With a limit, this and the [`receive`](Self::receive) after it end by the error
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing moved for so long. Without, only the worker's
    /// end ends them.
    pub fn send(&mut self, jobs: &[u8], limit: Option<Duration>) -> io::Result<()> {
        let limit = limit.map(|limit| limit.max(Duration::from_micros(1)));
        self.0.get_ref().set_read_timeout(limit)?;
        self.0.get_ref().set_write_timeout(limit)?;
        send(self.0.get_ref(), jobs)
    }

    /// Waits for the answers to the chunk, or for the worker's end, which is an error.
    pub fn receive(&mut self) -> io::Result<Vec<u8>> {
        receive(&mut self.0)
    }
}

/// A worker's process. It is killed and reaped at the latest when this is dropped.
#[derive(Debug)]
pub struct Process(Child);

impl Process {
    /// Kills the process and the programs that its jobs have started, reaps it, and returns its
    /// id and how it ended; not how, if this process ignores `SIGCHLD`: then nobody knows.
    pub fn end(&mut self) -> (u32, Option<ExitStatus>) {
        let id = Pid::from_raw(self.0.id().cast_signed());
        let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        // As long as it is not reaped, no other process or group can have its id.
        if waitid(Id::Pid(id), look).is_ok() {
            let _ = killpg(id, Signal::SIGKILL);
            // A job may have taken it out of its group.
            let _ = self.0.kill();
        }
        (self.0.id(), self.0.wait().ok())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Leaves all signals to the other threads of the program: one that came to this thread would
/// begin the limit of its wait anew.
pub fn leave_signals_to_others() {
    let _ = SigSet::all().thread_block();
}

/// In a worker that serves the function of this name: answers each chunk by `answer` until the
/// pool is gone, and ends the process. Returns at once in any other process.
pub fn serve(function: &str, answer: impl Fn(Vec<u8>) -> Vec<u8>) {
    let mut arguments = env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == MARK)
        && arguments.next().is_some_and(|second| second == function)
    {
        let _ = work(answer);
        process::exit(1);
    }
}

fn work(answer: impl Fn(Vec<u8>) -> Vec<u8>) -> io::Result<()> {
    SigSet::all().thread_unblock()?;
    // Out of the way of the jobs, and of the programs that they start.
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    dup2_stdin(File::open("/dev/null")?)?;
    leave_with_the_pool(socket.try_clone()?)?;
    keep_panics();
    let mut socket = BufReader::new(socket);
    loop {
        let answers = answer(receive(&mut socket)?);
        // What jobs have printed without a line end would go with the worker when it is killed.
        let _ = io::stdout().flush();
        send(socket.get_ref(), &answers)?;
    }
}

fn leave_with_the_pool(socket: UnixStream) -> io::Result<()> {
    let wait = move || {
        // No event is asked for, so only the hang-up wakes this thread, not a chunk of jobs.
        let mut hang_up = [PollFd::new(socket.as_fd(), PollFlags::empty())];
        while poll(&mut hang_up, PollTimeout::NONE) == Err(Errno::EINTR) {}
        // With the programs that jobs have started: the worker leads its process group.
        let _ = killpg(Pid::this(), Signal::SIGKILL);
        let _ = kill(Pid::this(), Signal::SIGKILL);
    };
    thread::Builder::new().spawn(wait).map(drop)
}

thread_local! {
    /// The last panic of this thread: "panicked at src/main.rs:3:5: " and the message.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// From now on keeps the panics of this thread instead of printing them.
fn keep_panics() {
    let (worker, print) = (thread::current().id(), panic::take_hook());
    panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == worker {
            PANIC.set(panic.to_string().replacen('\n', " ", 1));
        } else {
            // Nobody waits for a thread that a job has started, unless the job does.
            print(panic);
        }
    }));
}

/// Runs a job in a worker. Returns what it does, or its panic in words.
pub fn run<T>(job: impl FnOnce() -> T) -> Result<T, String> {
    PANIC.take();
    panic::catch_unwind(AssertUnwindSafe(job)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref().map(String::as_str));
        let text = text.unwrap_or_default();
        let mut words = PANIC.take();
        if !words.ends_with(text) {
            // Thrown by `resume_unwind`: it has no place.
            words = format!("panicked: {text}");
        }
        // Dropped, it might panic again.
        mem::forget(payload);
        words
    })
}

/// Sends a message: its length in eight bytes, then the bytes.
fn send(mut socket: impl Write, message: &[u8]) -> io::Result<()> {
    let length = (message.len() as u64).to_le_bytes();
    let (start, rest) = message.split_at(message.len().min(COPIED));
    socket.write_all(&[&length, start].concat())?;
    socket.write_all(rest)
}

fn receive(socket: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 8];
    socket.read_exact(&mut length)?;
    let mut message = vec![0; u64::from_le_bytes(length) as usize];
    socket.read_exact(&mut message)?;
    Ok(message)
}

/// Says of an error that it kept a worker, or its driver, from starting, and what to do.
pub fn not_started(error: io::Error) -> io::Error {
    let advice = match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EMFILE | Errno::ENFILE) => "; raise `ulimit -n`",
        Some(Errno::EAGAIN) => "; raise `ulimit -u`",
        _ => "",
    };
    io::Error::new(
        error.kind(),
        format!("cannot start a worker: {error}{advice}"),
    )
}
