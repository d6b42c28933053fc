// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; tokio 1 (io-util, macros, net, process, rt, sync).
//! Worker processes for async code. Each is a fresh start of this very program; a job is a
//! text, and so is its answer. Unix only. Needs the crate `tokio` with `io-util`, `macros`,
//! `net`, `process`, `rt` and `sync`.

use std::fmt::{self, Display};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as BlockingStream;
use std::process::{self, ExitStatus};
use std::sync::mpsc;
use std::{env, thread};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, Semaphore};

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
        /// How it ended.
        status: ExitStatus,
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
            } => write!(f, "worker {worker} (process {process}) ended: {status}"),
            Self::System(error) => write!(f, "cannot start a worker: {error}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// So many worker processes, each started when the first job comes to it.
///
/// Dropping this kills them and waits for them: no process and no zombie is left. If this
/// process is killed, they leave by themselves and at once, even in the middle of a job.
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
    /// A job is handed over once and never again, whatever happens to it. If this future
    /// is dropped meanwhile, its worker is killed: no other job can get the late answer.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with `enable_io`.
    pub async fn run(&self, job: &str, taken: impl FnOnce(usize, u32)) -> Result<String, Failure> {
        // Dropped after the guard of the slot: whoever has a permit finds a slot.
        let _permit = self.free.acquire().await.expect("it is never closed");
        let (number, mut slot) = (1..)
            .zip(&self.slots)
            .find_map(|(number, slot)| Some((number, slot.try_lock().ok()?)))
            .expect("one slot for each permit");
        // Out of its slot until it has answered: on any other way out it is dropped.
        let mut worker = match slot.take().and_then(Worker::if_alive) {
            Some(worker) => worker,
            None => Worker::start()?,
        };
        taken(number, worker.process);
        let answer = tokio::select! {
            biased;
            answer = exchange(&mut worker.socket, job) => answer,
            // The answer *or* the exit: a program that the job started may outlive the
            // worker and keep its end of the socket open.
            _ = worker.child.wait() => Err(ErrorKind::UnexpectedEof.into()),
        };
        if let Ok(answer) = answer {
            *slot = Some(worker);
            return answer.map_err(Failure::Failed);
        }
        // It is dead already, unless it closed its end and lives on.
        let _ = worker.child.start_kill();
        Err(Failure::Died {
            worker: number,
            process: worker.process,
            status: worker.child.wait().await?,
        })
    }
}

/// A worker process, as its parent sees it.
struct Worker {
    process: u32,
    child: Child,
    socket: UnixStream,
}

impl Worker {
    fn start() -> io::Result<Self> {
        let (ours, theirs) = BlockingStream::pair()?;
        ours.set_nonblocking(true)?;
        let socket = UnixStream::from_std(ours)?;
        let child = Command::new(env::current_exe()?)
            .arg(WORKER)
            .stdin(OwnedFd::from(theirs))
            // Ctrl-C on the terminal is for the parent; the workers follow it.
            .process_group(0)
            .spawn()?;
        Ok(Self {
            process: child.id().expect("not waited for yet"),
            child,
            socket,
        })
    }

    /// One that was killed while it had nothing to do is no job's loss.
    fn if_alive(mut self) -> Option<Self> {
        matches!(self.child.try_wait(), Ok(None)).then_some(self)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        // Dying takes it a moment; tokio would reap it some time later, or never.
        while matches!(self.child.try_wait(), Ok(None)) {
            thread::yield_now();
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
/// panics ends its worker. Jobs must leave standard input alone: it is the way to the parent.
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
    let mut parent = BlockingStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (sender, jobs) = mpsc::channel();
    let reader = thread::Builder::new().spawn(move || {
        while let Ok(job) = read_job() {
            let _ = sender.send(job);
        }
        process::exit(0)
    });
    if let Err(error) = reader {
        return answer(&mut parent, Err(format!("cannot start a thread: {error}")));
    }
    for job in jobs {
        answer(&mut parent, work(&job))?;
    }
    Ok(())
}

fn read_job() -> io::Result<String> {
    let mut stdin = io::stdin().lock();
    let mut length = [0; 4];
    stdin.read_exact(&mut length)?;
    let mut job = vec![0; u32::from_le_bytes(length) as usize];
    stdin.read_exact(&mut job)?;
    String::from_utf8(job).map_err(io::Error::other)
}

fn answer(parent: &mut BlockingStream, done: Result<String, String>) -> io::Result<()> {
    let failed = u8::from(done.is_err());
    let (Ok(text) | Err(text)) = done;
    parent.write_all(&[&[failed], &message(&text)?[..]].concat())
}
