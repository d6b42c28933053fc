// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2024; nix 0.31 (fs, poll, signal).
//! A worker process; copy it together with `pool.rs`. Here jobs and answers are bytes, and
//! `pool.rs` knows what they mean.
//!
//! A **worker** is this program, started anew; its `main` calls [`serve`]. Its standard input
//! is a socket: it brings chunks of jobs, takes answers back, and hangs up when the pool's
//! process ends, however that happens. Then the worker ends, even in the middle of a job.
//! The jobs themselves have an empty standard input.

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
/// This much of a message is copied, to go out with its length in one system call.
const COPIED: usize = 16 * 1024;

/// The pool's end of the socket. The worker ends when this is dropped.
#[derive(Debug)]
pub struct Worker(BufReader<UnixStream>);

impl Worker {
    /// Starts this program anew. Ctrl-C in a terminal does not reach it. The error says what
    /// was missing. A worker cannot start a worker.
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

    /// Sends a chunk of jobs. After an error the worker does not have the whole chunk, so it
    /// begins none of the jobs.
    ///
    /// With a limit, this and the next [`receive`](Self::receive) fail with
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if no byte moves for that long. Without one,
    /// only the end of the worker ends them.
    pub fn send(&mut self, jobs: &[u8], limit: Option<Duration>) -> io::Result<()> {
        let limit = limit.map(|limit| limit.max(Duration::from_micros(1)));
        self.0.get_ref().set_read_timeout(limit)?;
        self.0.get_ref().set_write_timeout(limit)?;
        send(self.0.get_ref(), jobs)
    }

    /// Waits for the answers to the chunk. The end of the worker is an error.
    pub fn receive(&mut self) -> io::Result<Vec<u8>> {
        receive(&mut self.0)
    }
}

/// A worker's process. It is killed and reaped at the latest when this is dropped.
#[derive(Debug)]
pub struct Process(Child);

impl Process {
    /// Kills the process and the programs that its jobs have started, and reaps it. Returns its
    /// id and exit status. If this process ignores `SIGCHLD`, there is no status, and
    /// the programs of a worker that has ended by itself go on.
    pub fn end(&mut self) -> (u32, Option<ExitStatus>) {
        let id = Pid::from_raw(self.0.id().cast_signed());
        let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        // Until it is reaped, no other process or group can have its id.
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

/// Leaves all signals to the other threads of the program: a signal would restart the time
/// limit of this thread's wait.
pub fn leave_signals_to_others() {
    let _ = SigSet::all().thread_block();
}

/// In a worker for the function of this name: answers each chunk by `answer` until the pool is
/// gone, then ends the process. In any other process it returns at once.
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
    // Jobs, and programs that they start, must not read the socket.
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    dup2_stdin(File::open("/dev/null")?)?;
    leave_with_the_pool(socket.try_clone()?)?;
    keep_panics();
    let (mut socket, id) = (BufReader::new(socket), process::id());
    loop {
        let answers = answer(receive(&mut socket)?);
        if process::id() != id {
            // A copy that a job has forked: only the worker answers.
            return Ok(());
        }
        // Text without a line end would be lost when the worker is killed.
        let _ = io::stdout().flush();
        send(socket.get_ref(), &answers)?;
    }
}

fn leave_with_the_pool(socket: UnixStream) -> io::Result<()> {
    let wait = move || {
        // It asks for no event, so only the hang-up wakes this thread, not a chunk of jobs.
        let mut hang_up = [PollFd::new(socket.as_fd(), PollFlags::empty())];
        while poll(&mut hang_up, PollTimeout::NONE) == Err(Errno::EINTR) {}
        // The worker leads its process group, so this includes what its jobs have started.
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
            // A thread that a job has started: its panic is no answer.
            print(panic);
        }
    }));
}

/// Runs a job in a worker. Returns its value, or the text of its panic.
pub fn run<T>(job: impl FnOnce() -> T) -> Result<T, String> {
    PANIC.take();
    panic::catch_unwind(AssertUnwindSafe(job)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref().map(String::as_str));
        let text = text.unwrap_or_default();
        let mut words = PANIC.take();
        if words.is_empty() || !words.ends_with(text) {
            // Thrown by `resume_unwind`, so it has no place.
            words = format!("panicked: {text}");
        }
        // Its drop might panic again.
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

/// Adds to an error that a worker, or its driver, could not start, and what to do.
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
