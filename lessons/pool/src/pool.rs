// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2024; worker.rs; num_cpus 1; rmp-serde 1; serde 1 (derive).
//! A pool of worker processes that run one function of this program. Copy it together with
//! `worker.rs`. Linux only.
//!
//! ```text
//!  apply, map, ...                  driver 1 -- jobs --> worker 1: run(job), run(job) ...
//!    chunks of jobs ---> queue --->          <-- answers --
//!    handles <----- answers ------  driver 2 -- jobs --> worker 2: run(job), run(job) ...
//! ```
//!
//! **Callers** cut their jobs into chunks, put them into the **queue**, and wait for the answers.
//! A **driver** is a thread that takes the next chunk, sends it to its worker and waits for the
//! answers, or for the end of the worker. A worker that has ended is replaced.
//!
//! Jobs and answers travel as MessagePack. Like JSON it describes itself, so serde's `flatten`
//! and `untagged` work; and as in JSON, `Some(None)` and `Some(())` arrive as `None`. The jobs
//! behind a value in its chunk fail, or are misread, if it is nested more than 1,000 levels deep,
//! or if its own `Serialize` or `Deserialize` counts wrongly or leaves a part.

use std::any::{TypeId, type_name};
use std::collections::VecDeque;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Cursor, ErrorKind};
use std::marker::PhantomData;
use std::ops::Range;
use std::process::ExitStatus;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{iter, mem};

use rmp_serde::config::{DefaultConfig, HumanReadableConfig};
use rmp_serde::decode::ReadReader;
use serde::{Deserialize, Serialize, de::DeserializeOwned, de::IgnoredAny};

use super::worker::{self, Process, Worker, not_started};

/// Why a job has no answer. (Boxed text is shorter than a `String`, and so is each answer.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobError {
    /// It panicked: place and message. Its worker goes on. (With `panic = "abort"` the
    /// worker has [died](Self::Died) instead.)
    Panicked(Box<str>),
    /// The job or its answer cannot be serialised or read, for this reason.
    Unreadable(Box<str>),
    /// Its worker ended before it answered the chunk: the job may have begun, or even be done.
    /// The status is `None` if this process ignores `SIGCHLD`.
    #[serde(skip)]
    Died(u32, Option<ExitStatus>),
    /// Its chunk was not answered within the [limit](Pool::limit), so its worker was killed.
    TooSlow,
    /// It did not begin: no worker could be started for it, for this reason.
    NotStarted(Box<str>),
    /// The pool was dropped first.
    Dropped,
}

type Answer<A> = Result<A, JobError>;

/// A worker's answers to a chunk of jobs, [written](write), or why there are none.
type Done = Result<Vec<u8>, JobError>;

/// The numbers of a chunk of jobs, and its answers.
type Answers = (Range<usize>, Done);

/// A function that the workers of this program know, from [`work_if_worker`].
#[derive(Debug)]
pub struct Function<J, A> {
    name: String,
    jobs: PhantomData<fn(J) -> A>,
}

/// Worker processes that compute answers `A` from jobs `J`.
///
/// Each job is answered once, by its answer or by an error. A job that hangs keeps its worker
/// until the pool is dropped, or until its [limit](Self::limit). Dropping the pool kills and
/// reaps its workers, also in the middle of a job. It kills what their jobs have started, except
/// programs with a process group of their own and, if this process ignores `SIGCHLD`, programs
/// of a worker that has died. All jobs without an answer are [`JobError::Dropped`] then.
#[derive(Debug)]
pub struct Pool<J, A> {
    /// `None` as soon as the pool is being dropped.
    queue: Option<Sender<Chunk>>,
    drivers: Vec<(JoinHandle<()>, Arc<Place>)>,
    limit: Option<Duration>,
    jobs: PhantomData<fn(J) -> A>,
}

/// The process of a driver's present worker; `None` once the pool is dropped.
type Place = Mutex<Option<Process>>;

impl<J, A> Pool<J, A>
where
    J: Serialize,
    A: DeserializeOwned,
{
    /// Starts this many workers, at least one; for `None`, one per core.
    ///
    /// A worker cannot have a pool of its own. The error says what was missing; then no
    /// process is left behind.
    pub fn new(workers: Option<usize>, function: &Function<J, A>) -> io::Result<Self> {
        let (queue, chunks) = mpsc::channel();
        let chunks = Arc::new(Mutex::new(chunks));
        let mut pool = Self {
            queue: Some(queue),
            drivers: Vec::new(),
            limit: None,
            jobs: PhantomData,
        };
        for _ in 0..workers.unwrap_or_else(num_cpus::get).max(1) {
            let (name, chunks) = (function.name.clone(), Arc::clone(&chunks));
            let (worker, process) = Worker::start(&name).map_err(not_started)?;
            let place = Arc::new(Mutex::new(Some(process)));
            let shared = Arc::clone(&place);
            let drive = move || drive(&name, worker, &shared, &chunks);
            let driver = thread::Builder::new().spawn(drive).map_err(not_started)?;
            pool.drivers.push((driver, place));
        }
        Ok(pool)
    }

    /// From now on a worker is killed if it does not take a chunk of jobs, or does not answer it, within
    /// `limit` times their number. All these jobs are [`JobError::TooSlow`] then.
    pub fn limit(&mut self, limit: Duration) {
        self.limit = Some(limit);
    }

    /// Gives the job to a worker and waits for the answer.
    pub fn apply(&self, job: J) -> Answer<A> {
        self.apply_async(job).wait()
    }

    /// Gives the job to the first idle worker. The handle waits for the answer.
    pub fn apply_async(&self, job: J) -> Handle<A> {
        let (sender, answers) = mpsc::channel();
        self.submit(0, [job], sender);
        Handle(answers, PhantomData)
    }

    /// Gives all jobs to the workers, and yields the answers as they complete, each with the
    /// number of its job from 0.
    pub fn as_completed(
        &self,
        jobs: impl IntoIterator<Item = J>,
    ) -> impl Iterator<Item = (usize, Answer<A>)> {
        let (sender, answers) = mpsc::channel();
        for (number, job) in jobs.into_iter().enumerate() {
            self.submit(number, [job], sender.clone());
        }
        answers
            .into_iter()
            .map(|answers| (answers.0.start, the_one(answers)))
    }

    /// Gives all jobs to the workers, in four chunks per worker, and yields the answers in the
    /// order of the jobs. If a worker dies, the jobs of its chunk are lost.
    ///
    /// The upper bound of the `size_hint` of `jobs` counts as their number; without one, each
    /// job is a chunk. If it is not exact, as behind a `filter`, collect the jobs first.
    pub fn map(&self, jobs: impl IntoIterator<Item = J>) -> impl Iterator<Item = Answer<A>> {
        let jobs = jobs.into_iter();
        let length = jobs.size_hint().1.unwrap_or(0);
        self.in_chunks(jobs, length.div_ceil(4 * self.drivers.len()), usize::MAX)
    }

    /// Gives the jobs to the workers in chunks of this length, and yields the answers in the
    /// order of the jobs. It takes jobs up to eight chunks per worker ahead of you, so `jobs`
    /// may be endless.
    pub fn imap(
        &self,
        jobs: impl IntoIterator<Item = J>,
        chunk: usize,
    ) -> impl Iterator<Item = Answer<A>> {
        self.in_chunks(jobs.into_iter(), chunk, 8 * self.drivers.len())
    }

    fn in_chunks(
        &self,
        jobs: impl Iterator<Item = J>,
        chunk: usize,
        ahead: usize,
    ) -> impl Iterator<Item = Answer<A>> {
        let mut jobs = jobs.fuse().peekable();
        let mut first = 0;
        let mut next = move || {
            jobs.peek()?;
            let (sender, answers) = mpsc::channel();
            first = self.submit(first, jobs.by_ref().take(chunk.max(1)), sender);
            Some(Handle(answers, PhantomData))
        };
        let mut under_way: VecDeque<_> = iter::from_fn(&mut next).take(ahead).collect();
        let handles = iter::from_fn(move || {
            let handle = under_way.pop_front();
            under_way.extend(next());
            handle
        });
        handles.flat_map(Handle::all)
    }

    /// Puts a chunk of jobs into the queue, numbered from `first`. Returns the next number.
    fn submit(
        &self,
        first: usize,
        jobs: impl IntoIterator<Item = J>,
        answers: Sender<Answers>,
    ) -> usize {
        let (mut written, mut end) = (Vec::new(), first);
        for job in jobs {
            write(&mut written, &job);
            end += 1;
        }
        let count = u32::try_from(end - first).unwrap_or(u32::MAX);
        if let Some(queue) = &self.queue {
            let _ = queue.send(Chunk {
                numbers: first..end,
                jobs: written,
                limit: self.limit.map(|limit| limit.saturating_mul(count)),
                answers,
            });
        }
        end
    }
}

impl<J, A> Drop for Pool<J, A> {
    fn drop(&mut self) {
        self.queue = None;
        for (_, place) in &self.drivers {
            // Kills and reaps the process. Its driver finds nothing to replace, and ends.
            *place.lock().unwrap() = None;
        }
        for (driver, _) in self.drivers.drain(..) {
            let _ = driver.join();
        }
    }
}

/// Waits for an answer that may not be there yet. The job goes on if this is dropped.
#[derive(Debug)]
#[must_use = "the job may fail, and only this says so"]
pub struct Handle<A>(Receiver<Answers>, PhantomData<fn() -> A>);

impl<A: DeserializeOwned> Handle<A> {
    /// Waits for the answer, at the latest until the pool is dropped.
    pub fn wait(self) -> Answer<A> {
        self.0.recv().map_or(Err(JobError::Dropped), the_one)
    }

    /// Waits for this time. If the answer is not there by then, returns the handle.
    pub fn wait_timeout(self, limit: Duration) -> Result<Answer<A>, Self> {
        match self.0.recv_timeout(limit) {
            Ok(answers) => Ok(the_one(answers)),
            Err(RecvTimeoutError::Disconnected) => Ok(Err(JobError::Dropped)),
            Err(RecvTimeoutError::Timeout) => Err(self),
        }
    }

    /// The answers to a chunk. The pool is borrowed, so it cannot have been dropped.
    fn all(self) -> impl Iterator<Item = Answer<A>> {
        read_all(self.0.recv().expect("every chunk is answered"))
    }
}

fn the_one<A: DeserializeOwned>(answers: Answers) -> Answer<A> {
    read_all(answers).next().expect("every job is answered")
}

/// The answers to a chunk, in the order of its jobs.
fn read_all<A: DeserializeOwned>((numbers, done): Answers) -> impl Iterator<Item = Answer<A>> {
    let mut answers = done.map(values);
    numbers.map(move |_| read(answers.as_mut().map_err(|error| error.clone())?))
}

/// Some jobs, their numbers, and where their answers go.
#[derive(Debug)]
struct Chunk {
    numbers: Range<usize>,
    /// The jobs, [written](write) one after the other.
    jobs: Vec<u8>,
    limit: Option<Duration>,
    answers: Sender<Answers>,
}

/// What a driver does. Ends when the pool is dropped.
fn drive(function: &str, mut worker: Worker, place: &Place, chunks: &Mutex<Receiver<Chunk>>) {
    worker::leave_signals_to_others();
    let next = || chunks.lock().unwrap().recv();
    while let Ok(chunk) = next() {
        let done = have_done(&chunk, &mut worker, function, place);
        // An error means that the caller does not wait any more.
        let _ = chunk.answers.send((chunk.numbers, done));
    }
}

fn have_done(chunk: &Chunk, worker: &mut Worker, function: &str, place: &Place) -> Done {
    if worker.send(&chunk.jobs, chunk.limit).is_err() {
        // The worker has died before it had the chunk, so no job is lost.
        *worker = replace(place, function)?;
        // If the new one is dead too, `receive` says so.
        let _ = worker.send(&chunk.jobs, chunk.limit);
    }
    worker.receive().map_err(|error| {
        let ended = place.lock().unwrap().as_mut().map(Process::end);
        match (ended, error.kind()) {
            (None, _) => JobError::Dropped,
            (Some(_), ErrorKind::WouldBlock) => JobError::TooSlow,
            (Some((process, status)), _) => JobError::Died(process, status),
        }
    })
}

/// Starts a worker. The one that it replaces is killed, if it still runs, and reaped.
fn replace(place: &Place, function: &str) -> Result<Worker, JobError> {
    // `drop` waits for this lock, so it finds the new process.
    let mut place = place.lock().unwrap();
    let process = place.as_mut().ok_or(JobError::Dropped)?;
    let (worker, started) = Worker::start(function).map_err(|error| {
        // Meanwhile drivers that have a worker take the next chunks.
        thread::sleep(Duration::from_millis(100));
        JobError::NotStarted(not_started(error).to_string().into())
    })?;
    *process = started;
    Ok(worker)
}

/// In a worker whose function is `run`: does its jobs and ends the process. In any other
/// process: returns the function for [`Pool::new`].
///
/// Call it first in `main`: every worker repeats what comes before it. `run` is a function or
/// a closure without captures, because a worker has only the code of its program. Jobs run
/// on the worker's main thread, one at a time. A panic is not printed: it is the answer.
pub fn work_if_worker<J, A, F>(run: F) -> Function<J, A>
where
    J: DeserializeOwned,
    A: Serialize,
    F: Fn(J) -> A + 'static,
{
    const { assert!(size_of::<F>() == 0, "no captures, no function pointers") };
    // Two closures may have the same name, but never the same type.
    let mut hasher = DefaultHasher::new();
    TypeId::of::<F>().hash(&mut hasher);
    let name = format!("{} {:x}", type_name::<F>(), hasher.finish());
    worker::serve(&name, |jobs| {
        let (end, mut jobs, mut answers) = (jobs.len() as u64, values(jobs), Vec::new());
        while jobs.get_ref().position() < end {
            let (before, done_before) = (jobs.get_ref().position(), answers.len());
            let done = worker::run(|| match read(&mut jobs).map(&run) {
                Ok(answer) => write(&mut answers, &answer),
                Err(error) => write_error(&mut answers, &error),
            });
            if let Err(panic) = done {
                step_over(&mut jobs, before);
                answers.truncate(done_before);
                write_error(&mut answers, &JobError::Panicked(panic.into()));
            }
        }
        answers
    });
    let jobs = PhantomData;
    Function { name, jobs }
}

/// Values that were [written](write) one after the other.
type Values =
    rmp_serde::Deserializer<ReadReader<Cursor<Vec<u8>>>, HumanReadableConfig<DefaultConfig>>;

/// Types with two forms travel in the human-readable one, which `untagged` expects.
fn values(bytes: Vec<u8>) -> Values {
    rmp_serde::Deserializer::new(Cursor::new(bytes)).with_human_readable()
}

/// An error in the place of a value: no value in MessagePack begins with this byte.
const ERROR: u8 = 0xc1;

/// Appends a job or an answer or, if it cannot be serialised, the error in its place.
fn write<T: Serialize>(bytes: &mut Vec<u8>, value: &T) {
    let before = bytes.len();
    let writer = rmp_serde::Serializer::new(&mut *bytes).with_struct_map();
    if let Err(error) = value.serialize(&mut writer.with_human_readable()) {
        bytes.truncate(before);
        write_error(bytes, &unreadable(error));
    }
}

fn write_error(bytes: &mut Vec<u8>, error: &JobError) {
    bytes.push(ERROR);
    rmp_serde::encode::write_named(bytes, error).expect("it is but text");
}

/// Takes the next job or answer, or the error in its place.
fn read<T: DeserializeOwned>(values: &mut Values) -> Result<T, JobError> {
    let start = values.get_ref().position();
    if values.get_ref().get_ref().get(start as usize) == Some(&ERROR) {
        values.get_mut().set_position(start + 1);
        return Err(JobError::deserialize(values).unwrap_or_else(unreadable));
    }
    let value = T::deserialize(&mut *values);
    if value.is_err() || values.get_ref().position() == start {
        // The type has read only a part of the value, or nothing.
        step_over(values, start);
    }
    value.map_err(unreadable)
}

/// Continues behind the value that starts there, or at the end if none does.
fn step_over(values: &mut Values, start: u64) {
    *values = self::values(mem::take(values.get_mut().get_mut()));
    values.get_mut().set_position(start);
    if IgnoredAny::deserialize(&mut *values).is_err() {
        values.get_mut().set_position(u64::MAX);
    }
}

fn unreadable(error: impl Display) -> JobError {
    JobError::Unreadable(error.to_string().into())
}

impl Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(text) => write!(f, "the job {text}"),
            Self::Unreadable(error) => write!(f, "the job or its answer cannot be sent: {error}"),
            Self::Died(process, status) => {
                let lost = || "how is lost, as SIGCHLD is ignored".into();
                let how = status.map_or_else(lost, |how| how.to_string());
                write!(f, "its worker (process {process}) ended, {how}")
            }
            Self::TooSlow => write!(f, "it took longer than its limit"),
            Self::NotStarted(reason) => write!(f, "{reason}"),
            Self::Dropped => write!(f, "the pool was dropped"),
        }
    }
}

impl Error for JobError {}
