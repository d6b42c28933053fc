// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2024; nix 0.31 (fs, signal); tokio 1 (io-util, net, rt, sync).
//! Worker processes for async code. Each is a fresh start of this very program; a job is a
//! text, and so is its answer. Linux only.

use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as BlockingStream;
use std::os::unix::process::CommandExt;
use std::process::{self, Child, Command, ExitStatus};
use std::sync::mpsc;
use std::{env, thread};

use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::{Pid, dup2_stdin};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::{Mutex, Semaphore};

/// The running program, even if its file has been replaced or deleted since.
const THIS_PROGRAM: &str = "/proc/self/exe";
/// The only argument of a worker: by it a worker knows that it is one.
const WORKER: &str = "worker-of-its-own-program";

/// Why a job has no answer.
#[derive(Debug)]
pub enum Failure {
    /// The job was done and came to this error.
    Failed(String),
    /// The worker ended before it answered: killed, or by itself, as in a panic. How much
    /// of the job was done, nobody knows. The next job gets a new worker.
    Died {
        /// Which of the workers, counted from 1.
        worker: usize,
        /// Its process id.
        process: u32,
        /// How it ended; `None` if this process ignores `SIGCHLD`.
        status: Option<ExitStatus>,
    },
    /// The system refused to start a worker, or to wait for one.
    System(io::Error),
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(message) => write!(f, "the job failed: {message}"),
            Self::Died {
                worker,
                process,
                status,
            } => {
                let lost = "how is lost, as SIGCHLD is ignored".to_owned();
                let status = status.map_or(lost, |status| status.to_string());
                write!(f, "worker {worker} (process {process}) ended: {status}")
            }
            Self::System(error) => write!(f, "cannot start a worker: {error}"),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::System(error) => Some(error),
            Self::Failed(_) | Self::Died { .. } => None,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// So many worker processes, each started when the first job comes to it.
///
/// Dropping this kills them and what their jobs have started, at once; threads wait until they
/// are gone, so that the event loop does not. If this process is killed, they leave by
/// themselves and at once, even in the middle of a job.
#[derive(Debug)]
pub struct Workers {
    free: Semaphore,
    /// One for each permit of `free`; locked while its worker has a job.
    slots: Vec<Mutex<Option<Worker>>>,
}

impl Workers {
    /// Starts nothing yet.
    ///
    /// # Panics
    ///
    /// If `count` is 0. In a worker, because then [`work_if_worker`] does not come first
    /// in `main`, and each worker would start workers of its own.
    pub fn new(count: usize) -> Self {
        assert!(count > 0, "without workers, jobs would wait for ever");
        assert!(!is_worker(), "work_if_worker must come first in main");
        Self {
            free: Semaphore::new(count),
            slots: (0..count).map(|_| Mutex::default()).collect(),
        }
    }

    /// Has the next free worker do this job, and returns its answer. `taken` is called with
    /// the worker's number and process id before the job is handed over.
    ///
    /// A job is handed over once and never again, whatever happens to it. A job that hangs
    /// keeps this waiting: set a limit by `tokio::time::timeout`. When this future is dropped,
    /// its worker is killed, so no other job can get the late answer.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with `enable_io`.
    pub async fn run(&self, job: &str, taken: impl FnOnce(usize, u32)) -> Result<String, Failure> {
        // Dropped after the guard of the slot: who has a permit finds a slot.
        let _permit = self.free.acquire().await.expect("it is never closed");
        let (number, mut slot) = (1..)
            .zip(&self.slots)
            .find_map(|(number, slot)| Some((number, slot.try_lock().ok()?)))
            .expect("one slot for each permit");
        // Out of its slot until it has answered: on any other way out it is dropped.
        let Worker { process, socket } = match slot.take().filter(Worker::is_alive) {
            Some(worker) => worker,
            None => Worker::start()?,
        };
        let id = process.id();
        taken(number, id);
        // Known to the event loop of this job only: the next one may have another.
        let mut socket = UnixStream::from_std(socket)?;
        if let Ok(answer) = exchange(&mut socket, job).await {
            let socket = socket.into_std()?;
            *slot = Some(Worker { process, socket });
            return answer.map_err(Failure::Failed);
        }
        Err(Failure::Died {
            worker: number,
            process: id,
            status: process.end().await,
        })
    }
}

/// A worker process, as its parent sees it.
#[derive(Debug)]
struct Worker {
    process: Process,
    socket: BlockingStream,
}

impl Worker {
    fn start() -> io::Result<Self> {
        let (socket, theirs) = BlockingStream::pair()?;
        socket.set_nonblocking(true)?;
        let child = Command::new(THIS_PROGRAM)
            .arg(WORKER)
            .stdin(OwnedFd::from(theirs))
            // Ctrl-C on the terminal is for the parent; the workers follow it.
            .process_group(0)
            .spawn()?;
        let process = Process(Some(child));
        Ok(Self { process, socket })
    }

    /// One that was killed while it had nothing to do is no job's loss.
    fn is_alive(&self) -> bool {
        self.process.look() == Ok(WaitStatus::StillAlive)
    }
}

/// Killed at the latest when it is dropped; there only until then.
#[derive(Debug)]
struct Process(Option<Child>);

impl Process {
    fn id(&self) -> u32 {
        self.0.as_ref().map_or(0, Child::id)
    }

    /// How it is, without reaping it. An error if it is not ours to reap: the system does that
    /// if this process ignores `SIGCHLD`.
    fn look(&self) -> nix::Result<WaitStatus> {
        let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        waitid(Id::Pid(self.group()), look)
    }

    /// The worker, and the programs that its jobs have started.
    fn group(&self) -> Pid {
        Pid::from_raw(self.id().cast_signed())
    }

    /// What is left to do is to wait for it. Even that may take long: the system takes its
    /// memory apart.
    fn kill(&mut self) -> Option<Child> {
        // As long as it is not reaped, no other process or group can have its id.
        if self.look().is_ok() {
            let _ = killpg(self.group(), Signal::SIGKILL);
        }
        self.0.take()
    }

    async fn end(mut self) -> Option<ExitStatus> {
        let mut child = self.kill()?;
        let status = tokio::task::spawn_blocking(move || child.wait());
        status.await.ok()?.ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.kill() {
            // The event loop must not wait. Without a thread, its zombie stays until we end.
            let _ = thread::Builder::new().spawn(move || child.wait());
        }
    }
}

/// Sends the job and receives the answer, or the error that the job came to.
async fn exchange(socket: &mut UnixStream, job: &str) -> io::Result<Result<String, String>> {
    // If that fails, the worker is gone: reading tells, and brings its last words if any.
    let _ = socket.write_all(&message(job)?).await;
    let failed = socket.read_u8().await? != 0;
    let mut text = vec![0; socket.read_u32_le().await? as usize];
    socket.read_exact(&mut text).await?;
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    Ok(if failed { Err(text) } else { Ok(text) })
}

/// The length in four bytes, then the text: a socket carries bytes, not messages.
fn message(text: &str) -> io::Result<Vec<u8>> {
    let length = u32::try_from(text.len()).map_err(io::Error::other)?;
    Ok([&length.to_le_bytes(), text.as_bytes()].concat())
}

/// In a worker: does `work` for each job, and never returns. Anywhere else: does nothing.
///
/// Call it first in `main`; what comes before it, every worker does as well. A job that
/// panics ends its worker. Jobs find an empty standard input.
pub fn work_if_worker(work: fn(job: &str) -> Result<String, String>) {
    if is_worker() {
        let ended = serve(work);
        process::exit(ended.is_err().into());
    }
}

fn is_worker() -> bool {
    env::args_os().nth(1).is_some_and(|first| first == WORKER)
}

/// Jobs are read on a thread of their own, which notices the end of the parent even
/// while this one is busy with a job.
fn serve(work: fn(&str) -> Result<String, String>) -> io::Result<()> {
    // Out of the way of the jobs, and of the programs that they start.
    let mut parent = BlockingStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    dup2_stdin(File::open("/dev/null")?)?;
    let (sender, jobs) = mpsc::channel();
    let mut socket = parent.try_clone()?;
    let reader = thread::Builder::new().spawn(move || {
        while let Ok(job) = read_job(&mut socket) {
            let _ = sender.send(job);
        }
        // With the programs that jobs have started: the worker leads its process group.
        let _ = killpg(Pid::this(), Signal::SIGKILL);
        let _ = kill(Pid::this(), Signal::SIGKILL);
    });
    if let Err(error) = reader {
        return answer(&mut parent, Err(format!("cannot start a thread: {error}")));
    }
    for job in jobs {
        let done = work(&job);
        // What it has printed without a line end would go with the worker when it is killed.
        let _ = io::stdout().flush();
        answer(&mut parent, done)?;
    }
    Ok(())
}

fn read_job(socket: &mut BlockingStream) -> io::Result<String> {
    let mut length = [0; 4];
    socket.read_exact(&mut length)?;
    let mut job = vec![0; u32::from_le_bytes(length) as usize];
    socket.read_exact(&mut job)?;
    String::from_utf8(job).map_err(io::Error::other)
}

fn answer(parent: &mut BlockingStream, done: Result<String, String>) -> io::Result<()> {
    let failed = u8::from(done.is_err());
    let (Ok(text) | Err(text)) = done;
    parent.write_all(&[&[failed], &message(&text)?[..]].concat())
}
