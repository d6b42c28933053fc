// SPDX-License-Identifier: MIT OR Apache-2.0
//! A pool of worker processes that run one function of this program.
//!
//! ```text
//!  apply, map, ...                  driver 1 -- jobs --> worker 1: run(job), run(job) ...
//!    chunks of jobs ---> queue --->          <-- answers --
//!    handles <----- answers ------  driver 2 -- jobs --> worker 2: run(job), run(job) ...
//! ```
//!
//! **Callers** cut their jobs into chunks, put them into the **queue**, and wait for the answers.
//! A **driver** is a thread that takes the next chunk, sends it to its worker and waits for the
//! answers, or for the worker's end, which shows as the end of the answers. Then it reaps
//! the worker, reports the chunk as lost and starts another worker in its place.
//!
//! A **worker** is this program, started anew; `main` hands it over to [`work_if_worker`]. Its
//! standard input is a socket, the **lifeline**: there it says where to connect to it, and
//! then waits for the end of the file, which comes when the pool's process is gone,
//! however that happened. The worker leaves then, even in mid-job.

use std::any::{Any, type_name_of_val};
use std::collections::VecDeque;
use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::{net::UnixStream, process::CommandExt};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::process::{self, Child, Command};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{env, fs, iter};

use ipc_channel::ipc::{self, IpcBytesReceiver, IpcBytesSender, IpcOneShotServer, IpcSender};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The environment variable that tells a worker the name of its function.
const MARK: &str = "POOL_WORKER";
/// What is sent at once. ipc-channel splits up what is longer than a socket's buffer, and
/// waits for ever if the receiver dies in the middle of that.
const PACKET: usize = 64 * 1024;

/// Why a job has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobError {
    /// It panicked with this message; its worker goes on.
    Panicked(String),
    /// It may have been begun and may even be done, but there will be no answer, for this
    /// reason: its worker ended, something cannot be serialised, the pool has no workers.
    Lost(String),
}

type Answer<A> = Result<A, JobError>;

/// The answers to a chunk of jobs, in order, and the number of the first of these jobs.
type Answers<A> = (usize, Vec<Answer<A>>);

/// Worker processes that make answers `A` of jobs `J`.
///
/// Each job is answered once, by its answer or by an error. Dropping the pool kills and reaps
/// its workers, also in mid-job; what is not answered by then is [`JobError::Lost`].
pub struct Pool<J, A> {
    /// `None` as soon as the pool is being dropped.
    queue: Option<Sender<Chunk<A>>>,
    drivers: Vec<(JoinHandle<()>, Process)>,
    jobs: PhantomData<fn(J)>,
}

/// A worker's process, for its driver and the pool; `None` once the pool is dropped.
type Process = Arc<Mutex<Option<Reaped>>>;

impl<J, A> Pool<J, A>
where
    J: Serialize,
    A: DeserializeOwned + Send + 'static,
{
    /// Starts so many workers, at least one; one for each core of the machine unless told.
    ///
    /// `run` is what `main` gives to [`work_if_worker`]. A worker cannot have a pool of its
    /// own. The error says what was missing; nothing is left behind then.
    pub fn new(workers: Option<usize>, run: impl Fn(J) -> A) -> io::Result<Self> {
        let function = type_name_of_val(&run);
        let (queue, chunks) = mpsc::channel();
        let chunks = Arc::new(Mutex::new(chunks));
        let (queue, drivers, jobs) = (Some(queue), Vec::new(), PhantomData);
        let mut pool = Self {
            queue,
            drivers,
            jobs,
        };
        for number in 1..=workers.unwrap_or_else(num_cpus::get).max(1) {
            let (worker, process) = Worker::start(function).map_err(not_started)?;
            let process = Arc::new(Mutex::new(Some(process)));
            let (chunks, driven) = (Arc::clone(&chunks), Arc::clone(&process));
            let drive = move || drive(number, worker, &chunks, &driven);
            let driver = thread::Builder::new().spawn(drive);
            pool.drivers.push((driver.map_err(not_started)?, process));
        }
        Ok(pool)
    }

    /// Has a worker do the job and waits for the answer.
    pub fn apply(&self, job: J) -> Answer<A> {
        self.apply_async(job).wait()
    }

    /// Has a worker do the job as soon as one is idle; wait for the answer by the handle.
    pub fn apply_async(&self, job: J) -> Handle<A> {
        let (sender, answers) = mpsc::channel();
        self.submit(0, &[job], sender);
        Handle(answers)
    }

    /// Has the workers do all jobs, and gives out the answers in the order in which they are
    /// there, each with the number of its job from 0.
    pub fn as_completed(
        &self,
        jobs: impl IntoIterator<Item = J>,
    ) -> impl Iterator<Item = (usize, Answer<A>)> {
        let (sender, answers) = mpsc::channel();
        for (number, job) in jobs.into_iter().enumerate() {
            self.submit(number, &[job], sender.clone());
        }
        answers
            .into_iter()
            .map(|(number, mut answer)| (number, answer.remove(0)))
    }

    /// Has the workers do all jobs, in four chunks per worker. The answers are in the order
    /// of the jobs; a worker that dies costs those of its chunk.
    pub fn map(&self, jobs: impl IntoIterator<Item = J>) -> Vec<Answer<A>> {
        let jobs: Vec<J> = jobs.into_iter().collect();
        let chunk = jobs.len().div_ceil(4 * self.drivers.len());
        self.imap(jobs, chunk).collect()
    }

    /// Has the workers do the jobs, so many to a chunk, and gives out the answers in the order
    /// of the jobs. Takes a job only when it is one of the next eight chunks per worker:
    /// `jobs` may be endless.
    pub fn imap(
        &self,
        jobs: impl IntoIterator<Item = J>,
        chunk: usize,
    ) -> impl Iterator<Item = Answer<A>> {
        let mut jobs = jobs.into_iter().fuse();
        let mut first = 0;
        let mut under_way = VecDeque::new();
        let handles = iter::from_fn(move || {
            while under_way.len() < 8 * self.drivers.len() {
                let jobs: Vec<J> = jobs.by_ref().take(chunk.max(1)).collect();
                if jobs.is_empty() {
                    break;
                }
                let (sender, answers) = mpsc::channel();
                self.submit(first, &jobs, sender);
                under_way.push_back(Handle(answers));
                first += jobs.len();
            }
            under_way.pop_front()
        });
        handles.flat_map(Handle::all)
    }

    fn submit(&self, first: usize, jobs: &[J], answers: Sender<Answers<A>>) {
        let numbers = first..first + jobs.len();
        let (serialised, answers) = (Vec::new(), Some(answers));
        let mut chunk = Chunk {
            numbers,
            serialised,
            answers,
        };
        match postcard::to_stdvec(jobs) {
            Ok(serialised) => chunk.serialised = serialised,
            Err(error) => chunk.lose(&format!("the job cannot be serialised: {error}")),
        }
        if let Some(queue) = &self.queue
            && chunk.answers.is_some()
        {
            // Should no driver be left, the chunk is dropped here, which is an answer, too.
            let _ = queue.send(chunk);
        }
    }
}

impl<J, A> Drop for Pool<J, A> {
    fn drop(&mut self) {
        self.queue = None;
        for (_, process) in &self.drivers {
            // Kills and reaps it. Its driver finds nothing to replace, and ends.
            *process.lock().unwrap() = None;
        }
        for (driver, _) in self.drivers.drain(..) {
            let _ = driver.join();
        }
    }
}

/// The way to an answer that may not be there yet. The job goes on if this is dropped.
pub struct Handle<A>(Receiver<Answers<A>>);

impl<A> Handle<A> {
    /// Waits for the answer.
    pub fn wait(self) -> Answer<A> {
        self.all().remove(0)
    }

    /// Waits for so long. If the answer is not there by then, the handle comes back.
    pub fn wait_timeout(self, limit: Duration) -> Result<Answer<A>, Self> {
        match self.0.recv_timeout(limit) {
            Ok((_, mut answers)) => Ok(answers.remove(0)),
            Err(_) => Err(self),
        }
    }

    fn all(self) -> Vec<Answer<A>> {
        self.0.recv().expect("every chunk is answered").1
    }
}

/// Some jobs, by their numbers, and the way back for their answers. Whatever becomes of it,
/// it is answered once: at the latest when it is dropped.
struct Chunk<A> {
    numbers: Range<usize>,
    serialised: Vec<u8>,
    answers: Option<Sender<Answers<A>>>,
}

impl<A> Chunk<A> {
    fn answer(&mut self, answers: Vec<Answer<A>>) {
        if let Some(sender) = self.answers.take() {
            // An error means that nobody waits for them any more.
            let _ = sender.send((self.numbers.start, answers));
        }
    }

    fn lose(&mut self, reason: &str) {
        let lost = |_| Err(JobError::Lost(reason.to_owned()));
        self.answer(self.numbers.clone().map(lost).collect());
    }
}

impl<A> Drop for Chunk<A> {
    fn drop(&mut self) {
        self.lose("the pool was dropped, or none of its workers is left");
    }
}

/// What a driver does. Ends when there is no more work, or no worker to do it.
fn drive<A: DeserializeOwned>(
    number: usize,
    mut worker: Worker,
    chunks: &Mutex<Receiver<Chunk<A>>>,
    process: &Mutex<Option<Reaped>>,
) {
    let next = || chunks.lock().unwrap().recv();
    while let Ok(mut chunk) = next() {
        // A worker that is found dead before it has the chunk costs nobody anything.
        while send(&worker.jobs, &chunk.serialised).is_err() {
            match replace(process, &mut worker) {
                Ok(_) => {}
                Err(reason) => return chunk.lose(&reason),
            }
        }
        let answers = receive(&worker.answers).map(|bytes| postcard::from_bytes::<Vec<_>>(&bytes));
        if let Ok(Ok(answers)) = answers
            && answers.len() == chunk.numbers.len()
        {
            chunk.answer(answers);
            continue;
        }
        let id = worker.id;
        match replace(process, &mut worker) {
            Ok(status) => chunk.lose(&format!(
                "worker {number} (process {id}) ended, {status}, with jobs {:?}",
                chunk.numbers
            )),
            Err(reason) => return chunk.lose(&reason),
        }
    }
}

/// Reaps a worker, which is killed if it still runs, and starts another in its place. Says
/// how the old one ended, or why there is no new one.
fn replace(process: &Mutex<Option<Reaped>>, worker: &mut Worker) -> Result<String, String> {
    let mut process = process.lock().unwrap();
    let status = process.as_mut().ok_or("the pool was dropped")?.end();
    let started = Worker::start(worker.function);
    let (new, reaped) = started
        .map_err(|error| format!("its worker ended, {status}, and {}", not_started(error)))?;
    (*worker, *process) = (new, Some(reaped));
    Ok(status)
}

/// The driver's side of a worker. Closing its lifeline would end it.
struct Worker {
    function: &'static str,
    id: u32,
    jobs: IpcBytesSender,
    answers: IpcBytesReceiver,
    _lifeline: UnixStream,
}

impl Worker {
    /// Starts the program anew and connects to it. A terminal's Ctrl-C does not reach it.
    fn start(function: &'static str) -> io::Result<(Self, Reaped)> {
        if env::var_os(MARK).is_some() {
            let reason = format!("`main` must first call `work_if_worker({function})`");
            return Err(io::Error::other(reason));
        }
        let (jobs, inbox) = ipc::bytes_channel()?;
        let (outbox, answers) = ipc::bytes_channel()?;
        let (lifeline, workers_end) = UnixStream::pair()?;
        // ipc-channel panics where it finds no descriptors: set some aside for it.
        let spare = [UnixStream::pair()?, UnixStream::pair()?];
        let mut command = Command::new(env::current_exe()?);
        command.env(MARK, function).process_group(0);
        let mut process = Reaped(command.stdin(OwnedFd::from(workers_end)).spawn()?);
        drop((spare, command));

        // What it says is the name of its server or, without a line end, its last words.
        lifeline.set_read_timeout(Some(Duration::from_secs(30)))?;
        let mut said = String::new();
        let heard = BufReader::new(&lifeline).read_line(&mut said);
        heard.map_err(|error| io::Error::other(format!("it says nothing: {error}")))?;
        let Some(name) = said.strip_suffix('\n') else {
            let status = process.end();
            return Err(io::Error::other(format!("it ended ({status}) {said}")));
        };
        let server = IpcSender::connect(name.to_owned());
        remove_socket(name);
        server?.send((inbox, outbox)).map_err(io::Error::other)?;
        let (id, _lifeline) = (process.0.id(), lifeline);
        Ok((
            Self {
                function,
                id,
                jobs,
                answers,
                _lifeline,
            },
            process,
        ))
    }
}

/// In a worker whose function is `run`: does its jobs and ends the process. Returns at once
/// in any other process.
///
/// Call it first in `main`. Jobs run on this thread, one at a time. The message of a job
/// that panics is not printed; whoever waits for the answer gets it.
pub fn work_if_worker<J: DeserializeOwned, A: Serialize>(run: impl Fn(J) -> A) {
    if env::var_os(MARK).is_some_and(|function| function == type_name_of_val(&run)) {
        if let Err(error) = work(run) {
            // If not even this can be said, the exit status has to do.
            let _ = say(&advise(&error));
        }
        process::exit(1);
    }
}

/// To the pool, by the lifeline.
fn say(text: &str) -> io::Result<()> {
    let lifeline = io::stdin().as_fd().try_clone_to_owned()?;
    UnixStream::from(lifeline).write_all(text.as_bytes())
}

/// Does jobs for as long as there is a pool.
fn work<J: DeserializeOwned, A: Serialize>(run: impl Fn(J) -> A) -> io::Result<()> {
    let (server, name) = IpcOneShotServer::<(IpcBytesReceiver, IpcBytesSender)>::new()?;
    let socket = name.clone();
    thread::Builder::new().spawn(move || {
        // The pool writes nothing, so this returns when its process is gone.
        let _ = io::stdin().read(&mut [0]);
        remove_socket(&socket);
        process::exit(1)
    })?;
    say(&format!("{name}\n"))?;
    let (_, (inbox, outbox)) = server.accept().map_err(io::Error::other)?;

    panic::set_hook(Box::new(|_| ()));
    let answer = |job| panic::catch_unwind(AssertUnwindSafe(|| run(job))).map_err(panicked);
    loop {
        let jobs: Vec<J> = postcard::from_bytes(&receive(&inbox)?).map_err(io::Error::other)?;
        let answers: Vec<Answer<A>> = jobs.into_iter().map(answer).collect();
        let bytes = postcard::to_stdvec(&answers).or_else(|error| {
            let error = JobError::Lost(format!("the answer cannot be serialised: {error}"));
            postcard::to_stdvec(&vec![Err::<(), _>(error); answers.len()])
        });
        send(&outbox, &bytes.map_err(io::Error::other)?)?;
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> JobError {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    JobError::Panicked(text.unwrap_or_default())
}

/// Sends bytes in packets, of which the last is the first that is not full.
fn send(channel: &IpcBytesSender, bytes: &[u8]) -> io::Result<()> {
    let mut packets = bytes.chunks_exact(PACKET);
    packets.try_for_each(|packet| channel.send(packet))?;
    channel.send(packets.remainder())
}

fn receive(channel: &IpcBytesReceiver) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let packet = channel.recv().map_err(io::Error::other)?;
        bytes.extend_from_slice(&packet);
        if packet.len() < PACKET {
            return Ok(bytes);
        }
    }
}

/// Removes the socket of a one-shot server and its folder, if they are still there.
fn remove_socket(name: &str) {
    let _ = fs::remove_file(name);
    let _ = Path::new(name).parent().map(fs::remove_dir);
}

/// What was wrong and, where that is known, what to do about it.
fn advise(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(23 | 24) => format!("{error}; raise `ulimit -n`"),
        _ if error.kind() == ErrorKind::WouldBlock => format!("{error}; raise `ulimit -u`"),
        _ => error.to_string(),
    }
}

fn not_started(error: io::Error) -> io::Error {
    io::Error::other(format!("cannot start a worker: {}", advise(&error)))
}

/// A process that is killed and waited for at the latest when this is dropped.
struct Reaped(Child);

impl Reaped {
    /// Kills the process, if it still runs, and says how it ended.
    fn end(&mut self) -> String {
        let _ = self.0.kill();
        let status = self.0.wait().map(|status| status.to_string());
        status.unwrap_or_else(|error| error.to_string())
    }
}

impl Drop for Reaped {
    fn drop(&mut self) {
        self.end();
    }
}

impl Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(message) => write!(f, "the job panicked: {message}"),
            Self::Lost(reason) => write!(f, "no answer: {reason}"),
        }
    }
}

impl Error for JobError {}
