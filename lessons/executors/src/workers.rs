// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2024; nix 0.31 (fs, signal); tokio 1 (io-util, net, rt, sync).
//! Worker processes for async code. Each worker is a fresh start of this same program. A job
//! is a text, and its answer is a text. Linux only.

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
/// The only argument of a worker, which tells it that it is a worker.
const WORKER: &str = "worker-of-its-own-program";

/// Why a job has no answer.
#[derive(Debug)]
pub enum Failure {
    /// The job ended with this error.
    Failed(String),
    /// The worker ended before it answered: it was killed, or it ended itself, for example by
    /// a panic. How much of the job it had done is unknown. The next job gets a new worker.
    Died {
        /// Which of the workers, counted from 1.
        worker: usize,
        /// Its process id.
        process: u32,
        /// How it ended; `None` if this process ignores `SIGCHLD`.
        status: Option<ExitStatus>,
    },
    /// The system refused to start a worker, or to wait for its end.
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
                let lost = "no exit status, as SIGCHLD is ignored".to_owned();
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

/// A fixed number of worker processes. Each is started when it gets its first job.
///
/// Dropping this kills the workers, and the programs that their jobs have started, at once.
/// Other threads wait until the workers have ended, so that the event loop does not have to.
/// If this process is killed, the workers end themselves at once, even in the middle of a job.
#[derive(Debug)]
pub struct Workers {
    free: Semaphore,
    /// One for each permit of `free`. A slot is locked while its worker has a job.
    slots: Vec<Mutex<Option<Worker>>>,
}

impl Workers {
    /// Starts nothing yet.
    ///
    /// # Panics
    ///
    /// If `count` is 0. Also in a worker process: there, `main` did not begin with
    /// [`work_if_worker`], and each worker would start workers of its own.
    pub fn new(count: usize) -> Self {
        assert!(count > 0, "without workers, no job would be done");
        assert!(!is_worker(), "work_if_worker must come first in main");
        Self {
            free: Semaphore::new(count),
            slots: (0..count).map(|_| Mutex::default()).collect(),
        }
    }

    /// Gives this job to the next free worker, and returns its answer. `taken` is called with
    /// the worker's number and process id before the worker gets the job.
    ///
    /// A job is given to one worker and never again, whatever happens to it. If a job does not
    /// end, neither does this: set a limit with `tokio::time::timeout`. Dropping the future
    /// kills the worker, so that no other job can get the late answer.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with `enable_io`.
    pub async fn run(&self, job: &str, taken: impl FnOnce(usize, u32)) -> Result<String, Failure> {
        // Dropped after the guard of the slot, so each holder of a permit finds a free slot.
        let _permit = self.free.acquire().await.expect("it is never closed");
        let (number, mut slot) = (1..)
            .zip(&self.slots)
            .find_map(|(number, slot)| Some((number, slot.try_lock().ok()?)))
            .expect("one slot for each permit");
        // The worker returns to its slot only when it has answered. Otherwise it is dropped.
        let Worker { process, socket } = match slot.take().filter(Worker::is_alive) {
            Some(worker) => worker,
            None => Worker::start()?,
        };
        let id = process.id();
        taken(number, id);
        // Registered with the event loop of this job only: the next job may have another.
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

    /// A worker that was killed while it had no job is replaced, and no job fails.
    fn is_alive(&self) -> bool {
        self.process.look() == Ok(WaitStatus::StillAlive)
    }
}

/// A child that is killed when it is dropped. `None` only after [`kill`](Self::kill).
#[derive(Debug)]
struct Process(Option<Child>);

impl Process {
    fn id(&self) -> u32 {
        self.0.as_ref().map_or(0, Child::id)
    }

    /// The state of the process, without reaping it. An error if the system has reaped it, as
    /// it does when this process ignores `SIGCHLD`.
    fn look(&self) -> nix::Result<WaitStatus> {
        let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        waitid(Id::Pid(self.group()), look)
    }

    /// The worker, and the programs that its jobs have started.
    fn group(&self) -> Pid {
        Pid::from_raw(self.id().cast_signed())
    }

    /// Afterwards the child is only waited for. That can take long, because the system first
    /// releases its memory.
    fn kill(&mut self) -> Option<Child> {
        // Until it is reaped, no other process or group can have its id.
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
            // Waiting here would block the event loop. If the system has no more threads, the
            // zombie stays until this process ends.
            let _ = thread::Builder::new().spawn(move || child.wait());
        }
    }
}

/// Sends the job and receives its answer, or the error that it ended with.
async fn exchange(socket: &mut UnixStream, job: &str) -> io::Result<Result<String, String>> {
    // If this fails, the worker has ended. Reading then fails too, or returns what it had sent.
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

/// In a worker: calls `work` for each job, and never returns. Anywhere else: does nothing.
///
/// Call it first in `main`, because each worker also runs what comes before it. A job that
/// panics ends its worker. The standard input of jobs is empty.
pub fn work_if_worker(work: fn(job: &str) -> Result<String, String>) {
    if is_worker() {
        let ended = serve(work);
        process::exit(ended.is_err().into());
    }
}

fn is_worker() -> bool {
    env::args_os().nth(1).is_some_and(|first| first == WORKER)
}

/// A second thread reads the jobs. It notices the end of the parent even while this thread is
/// busy with a job.
fn serve(work: fn(&str) -> Result<String, String>) -> io::Result<()> {
    // Jobs, and the programs that they start, must not read from the parent's socket.
    let mut parent = BlockingStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    dup2_stdin(File::open("/dev/null")?)?;
    let (sender, jobs) = mpsc::channel();
    let mut socket = parent.try_clone()?;
    let reader = thread::Builder::new().spawn(move || {
        while let Ok(job) = read_job(&mut socket) {
            let _ = sender.send(job);
        }
        // The worker leads its process group, so this ends what the jobs have started, too.
        let _ = killpg(Pid::this(), Signal::SIGKILL);
        let _ = kill(Pid::this(), Signal::SIGKILL);
    });
    if let Err(error) = reader {
        return answer(&mut parent, Err(format!("cannot start a thread: {error}")));
    }
    for job in jobs {
        let done = work(&job);
        // Text without a line end is still in the buffer, and is lost if the worker is killed.
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
