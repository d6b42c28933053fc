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
//! answers, or for the worker's end. Then another worker gets the next chunk.
//!
//! Jobs and answers travel as MessagePack. It describes itself like JSON, so all of serde's
//! attributes work; and as in JSON, `Some(None)` and `Some(())` arrive as `None`. A value that
//! is nested more than 1,000 levels deep costs the jobs behind it in its chunk as well.

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
    /// It panicked, in these words: place and message. Its worker goes on. (Built with
    /// `panic = "abort"`, the worker has [died](Self::Died) instead.)
    Panicked(Box<str>),
    /// It or its answer cannot be serialised or read, for this reason.
    Unreadable(Box<str>),
    /// Its worker ended with the chunk that it is in: it may have been begun, even done. The
    /// status is `None` if this process ignores `SIGCHLD`.
    #[serde(skip)]
    Died(u32, Option<ExitStatus>),
    /// Its chunk was not answered within the [limit](Pool::limit), so its worker was killed.
    TooSlow,
    /// It was not begun: no worker could be started for it, for this reason.
    NotStarted(Box<str>),
    /// The pool was dropped first.
    Dropped,
}

type Answer<A> = Result<A, JobError>;

/// What a worker made of a chunk of jobs, [written](write), or why there is nothing.
type Done = Result<Vec<u8>, JobError>;

/// The numbers of a chunk of jobs, and what became of it.
type Answers = (Range<usize>, Done);

/// A function that the workers of this program know, from [`work_if_worker`].
#[derive(Debug)]
pub struct Function<J, A> {
    name: String,
    jobs: PhantomData<fn(J) -> A>,
}

/// Worker processes that make answers `A` of jobs `J`.
///
/// Each job is answered once, by its answer or by an error. A job that hangs keeps its worker
/// until the pool is dropped; with a [limit](Self::limit) only so long. Dropping the pool kills
/// and reaps its workers, also in mid-job, and kills what their jobs have started (but for
/// programs with a process group of their own); what is not answered by then is
/// [`JobError::Dropped`].
#[derive(Debug)]
pub struct Pool<J, A> {
    /// `None` as soon as the pool is being dropped.
    queue: Option<Sender<Chunk>>,
    drivers: Vec<(JoinHandle<()>, Arc<Place>)>,
    limit: Option<Duration>,
    jobs: PhantomData<fn(J) -> A>,
}

/// The process of a driver's worker, now this one, now that; `None` once the pool is dropped.
type Place = Mutex<Option<Process>>;

impl<J, A> Pool<J, A>
where
    J: Serialize,
    A: DeserializeOwned,
{
    /// Starts so many workers, at least one; one for each core of the machine unless told.
    ///
    /// A worker cannot have a pool of its own. The error says what was missing; nothing is
    /// left behind then.
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

    /// From now on kills a worker that neither takes nor answers a chunk of jobs for as long as
    /// `limit` times their number. All of them are [`JobError::TooSlow`] then.
    pub fn limit(&mut self, limit: Duration) {
        self.limit = Some(limit);
    }

    /// Has a worker do the job and waits for the answer.
    pub fn apply(&self, job: J) -> Answer<A> {
        self.apply_async(job).wait()
    }

    /// Has a worker do the job as soon as one is idle; wait for the answer by the handle.
    pub fn apply_async(&self, job: J) -> Handle<A> {
        let (sender, answers) = mpsc::channel();
        self.submit(0, [job], sender);
        Handle(answers, PhantomData)
    }

    /// Has the workers do all jobs, and gives out the answers in the order in which they are
    /// there, each with the number of its job from 0.
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

    /// Has the workers do all jobs, in four chunks per worker, and gives out the answers in
    /// the order of the jobs. A worker that dies costs those of its chunk.
    ///
    /// Jobs that cannot say how many they are at most, by `size_hint`, go one by one: better
    /// collect them before.
    pub fn map(&self, jobs: impl IntoIterator<Item = J>) -> impl Iterator<Item = Answer<A>> {
        let jobs = jobs.into_iter();
        let length = jobs.size_hint().1.unwrap_or(0);
        self.in_chunks(jobs, length.div_ceil(4 * self.drivers.len()), usize::MAX)
    }

    /// Has the workers do the jobs, so many to a chunk, and gives out the answers in the order
    /// of the jobs. Stays eight chunks per worker ahead of you: `jobs` may be endless, but it
    /// is asked for that many at once.
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
        let count = (end - first) as u32;
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

/// The way to an answer that may not be there yet. The job goes on if this is dropped.
#[derive(Debug)]
#[must_use = "the job may fail, and only this tells"]
pub struct Handle<A>(Receiver<Answers>, PhantomData<fn() -> A>);

impl<A: DeserializeOwned> Handle<A> {
    /// Waits for the answer, which comes at the latest when the pool is dropped.
    pub fn wait(self) -> Answer<A> {
        self.0.recv().map_or(Err(JobError::Dropped), the_one)
    }

    /// Waits for so long. If the answer is not there by then, the handle comes back.
    pub fn wait_timeout(self, limit: Duration) -> Result<Answer<A>, Self> {
        match self.0.recv_timeout(limit) {
            Ok(answers) => Ok(the_one(answers)),
            Err(RecvTimeoutError::Disconnected) => Ok(Err(JobError::Dropped)),
            Err(RecvTimeoutError::Timeout) => Err(self),
        }
    }

    /// The answers to a chunk of a pool that cannot be dropped, because it is borrowed.
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

/// Some jobs, by their numbers, and the way back for their answers.
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
        // An error means that nobody waits for it any more.
        let _ = chunk.answers.send((chunk.numbers, done));
    }
}

fn have_done(chunk: &Chunk, worker: &mut Worker, function: &str, place: &Place) -> Done {
    if worker.send(&chunk.jobs, chunk.limit).is_err() {
        // A worker that is found dead before it has the chunk costs nobody anything.
        *worker = replace(place, function)?;
        // If it does not live either, that shows below.
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

/// Starts a worker. The one in whose place it comes is killed, if it still runs, and reaped.
fn replace(place: &Place, function: &str) -> Result<Worker, JobError> {
    // Who drops the pool meanwhile waits for the lock, and so finds the new process.
    let mut place = place.lock().unwrap();
    let process = place.as_mut().ok_or(JobError::Dropped)?;
    let (worker, started) = Worker::start(function).map_err(|error| {
        // The chunks that follow are for the drivers that have a worker, if there are any.
        thread::sleep(Duration::from_millis(100));
        JobError::NotStarted(not_started(error).to_string().into())
    })?;
    *process = started;
    Ok(worker)
}

/// In a worker whose function is `run`: does its jobs and ends the process. In any other
/// process: returns the function for [`Pool::new`].
///
/// Call it first in `main`: what comes before it, every worker does as well. `run` is a
/// function or a closure without captures, because a worker has only what its program says.
/// Jobs run on the worker's main thread, one at a time. A panic is not printed, but answered.
pub fn work_if_worker<J, A, F>(run: F) -> Function<J, A>
where
    J: DeserializeOwned,
    A: Serialize,
    F: Fn(J) -> A + 'static,
{
    const { assert!(size_of::<F>() == 0, "no captures, no function pointers") };
    // Two closures may have the same name; never the same type.
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

/// Types with two forms travel in the one for people, which `untagged` and the like expect.
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
        // Half of it is read, or nothing, by a type that does not look.
        step_over(values, start);
    }
    value.map_err(unreadable)
}

/// Goes on behind the value that starts there, whatever that is; at the end if it has none.
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
                let how = status.map_or("how is not known".into(), |how| how.to_string());
                write!(f, "its worker (process {process}) ended, {how}")
            }
            Self::TooSlow => write!(f, "it took longer than its limit"),
            Self::NotStarted(reason) => write!(f, "{reason}"),
            Self::Dropped => write!(f, "the pool was dropped"),
        }
    }
}

impl Error for JobError {}
