// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2024; worker.rs; num_cpus 1; serde 1 (derive);
// postcard 1 (no default features, use-std).
//! A pool of worker processes that run one function of this program. Copy it together with
//! `worker.rs`; it needs the crates num_cpus, postcard and serde, and that one ipc-channel.
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

use std::any::{Any, type_name_of_val};
use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, iter};

use postcard::Deserializer;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::worker::{Process, Worker, not_started, serve};

/// Why a job has no answer. (Boxed text is shorter than a `String`, and so is each answer.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobError {
    /// It panicked with this message; its worker goes on.
    Panicked(Box<str>),
    /// It may have been begun and may even be done, but there will be no answer, for this
    /// reason: its worker ended, something cannot be serialised, the pool has no workers.
    Lost(Box<str>),
}

type Answer<A> = Result<A, JobError>;

/// The numbers of a chunk of jobs, and what its worker made of it, [`Done`] and serialised, or
/// why there is nothing.
type Answers = (Range<usize>, Result<Vec<u8>, String>);

/// What came of a chunk of jobs: the answers without what is nearly always the same, that
/// each is one; and the errors of the other jobs, by their place in the chunk.
type Done<A> = (Vec<A>, BTreeMap<usize, JobError>);

/// Worker processes that make answers `A` of jobs `J`.
///
/// Each job is answered once, by its answer or by an error. Dropping the pool kills and reaps
/// its workers, also in mid-job; what is not answered by then is [`JobError::Lost`].
pub struct Pool<J, A> {
    /// `None` as soon as the pool is being dropped.
    queue: Option<Sender<Chunk>>,
    drivers: Vec<(JoinHandle<()>, Arc<Place>)>,
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
    /// `run` is what `main` gives to [`work_if_worker`]. A worker cannot have a pool of its
    /// own. The error says what was missing; nothing is left behind then.
    pub fn new(workers: Option<usize>, run: impl Fn(J) -> A) -> io::Result<Self> {
        let function = type_name_of_val(&run);
        let (queue, chunks) = mpsc::channel();
        let chunks = Arc::new(Mutex::new(chunks));
        let mut pool = Self {
            queue: Some(queue),
            drivers: Vec::new(),
            jobs: PhantomData,
        };
        for number in 1..=workers.unwrap_or_else(num_cpus::get).max(1) {
            let (worker, process) = Worker::start(function)?;
            let place = Arc::new(Mutex::new(Some(process)));
            let (chunks, shared) = (Arc::clone(&chunks), Arc::clone(&place));
            let drive = move || drive(number, function, worker, &shared, &chunks);
            let driver = thread::Builder::new().spawn(drive);
            pool.drivers.push((driver.map_err(not_started)?, place));
        }
        Ok(pool)
    }

    /// Has a worker do the job and waits for the answer.
    pub fn apply(&self, job: J) -> Answer<A> {
        self.apply_async(job).wait()
    }

    /// Has a worker do the job as soon as one is idle; wait for the answer by the handle.
    pub fn apply_async(&self, job: J) -> Handle<A> {
        self.handle(0, &[job])
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
            .map(|answers| (answers.0.start, the_one(read(answers))))
    }

    /// Has the workers do all jobs, in four chunks per worker, and gives out the answers in
    /// the order of the jobs. A worker that dies costs those of its chunk.
    pub fn map(&self, jobs: impl IntoIterator<Item = J>) -> impl Iterator<Item = Answer<A>> {
        let jobs: Vec<J> = jobs.into_iter().collect();
        let chunk = jobs.len().div_ceil(4 * self.drivers.len()).max(1);
        let chunks = (0..).step_by(chunk).zip(jobs.chunks(chunk));
        // All of them are under way before the first answer is waited for.
        let handles: Vec<_> = chunks
            .map(|(first, jobs)| self.handle(first, jobs))
            .collect();
        handles.into_iter().flat_map(Handle::all)
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
                under_way.push_back(self.handle(first, &jobs));
                first += jobs.len();
            }
            under_way.pop_front()
        });
        handles.flat_map(Handle::all)
    }

    fn handle(&self, first: usize, jobs: &[J]) -> Handle<A> {
        let (sender, answers) = mpsc::channel();
        self.submit(first, jobs, sender);
        Handle(answers, PhantomData)
    }

    fn submit(&self, first: usize, jobs: &[J], answers: Sender<Answers>) {
        let mut chunk = Chunk {
            numbers: first..first + jobs.len(),
            serialised: Vec::new(),
            answers: Some(answers),
        };
        // Twice as fast as `to_stdvec` for numbers.
        match postcard::to_extend(jobs, Vec::new()) {
            Ok(serialised) => chunk.serialised = serialised,
            Err(error) => {
                return chunk.answer(Err(format!("the job cannot be serialised: {error}")));
            }
        }
        if let Some(queue) = &self.queue {
            // Should no driver be left, the chunk is dropped here, which is an answer, too.
            let _ = queue.send(chunk);
        }
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
pub struct Handle<A>(Receiver<Answers>, PhantomData<fn() -> A>);

impl<A: DeserializeOwned> Handle<A> {
    /// Waits for the answer.
    pub fn wait(self) -> Answer<A> {
        the_one(self.all())
    }

    /// Waits for so long. If the answer is not there by then, the handle comes back.
    pub fn wait_timeout(self, limit: Duration) -> Result<Answer<A>, Self> {
        match self.0.recv_timeout(limit) {
            Ok(answers) => Ok(the_one(read(answers))),
            Err(_) => Err(self),
        }
    }

    fn all(self) -> impl Iterator<Item = Answer<A>> {
        read(self.0.recv().expect("every chunk is answered"))
    }
}

fn the_one<A>(mut answers: impl Iterator<Item = Answer<A>>) -> Answer<A> {
    answers.next().expect("every job is answered")
}

/// The answers to a chunk, in the order of its jobs.
fn read<A: DeserializeOwned>((numbers, serialised): Answers) -> impl Iterator<Item = Answer<A>> {
    let read = serialised.and_then(|bytes| {
        postcard::from_bytes::<Result<Done<A>, String>>(&bytes)
            .unwrap_or_else(|error| Err(format!("the answer cannot be deserialised: {error}")))
    });
    let ((answers, mut errors), reason) = match read {
        Ok(done) => (done, "its worker has left it out".to_owned()),
        Err(reason) => (Done::default(), reason),
    };
    let mut answers = answers.into_iter();
    (0..numbers.len()).map(move |place| match errors.remove(&place) {
        Some(error) => Err(error),
        None => answers
            .next()
            .ok_or_else(|| JobError::Lost(reason.as_str().into())),
    })
}

/// Some jobs, by their numbers, and the way back for their answers. Whatever becomes of it,
/// it is answered once: at the latest when it is dropped.
struct Chunk {
    numbers: Range<usize>,
    serialised: Vec<u8>,
    answers: Option<Sender<Answers>>,
}

impl Chunk {
    /// With the serialised answers, or the reason why there are none.
    fn answer(&mut self, answers: Result<Vec<u8>, String>) {
        if let Some(sender) = self.answers.take() {
            // An error means that nobody waits for them any more.
            let _ = sender.send((self.numbers.clone(), answers));
        }
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let reason = "the pool was dropped, or none of its workers is left";
        self.answer(Err(reason.to_owned()));
    }
}

/// What a driver does. Ends when there is no more work, or no worker to do it.
fn drive(
    number: usize,
    function: &str,
    mut worker: Worker,
    place: &Place,
    chunks: &Mutex<Receiver<Chunk>>,
) {
    let next = || chunks.lock().unwrap().recv();
    while let Ok(mut chunk) = next() {
        // A worker that is found dead before it has the chunk costs nobody anything.
        while worker.send(&chunk.serialised).is_err() {
            if let Err(reason) = replace(&mut worker, place, function) {
                return chunk.answer(Err(reason));
            }
        }
        if let Ok(answers) = worker.receive() {
            chunk.answer(Ok(answers));
            continue;
        }
        match replace(&mut worker, place, function) {
            Ok((id, status)) => chunk.answer(Err(format!(
                "worker {number} (process {id}) ended, {status}, with jobs {:?}",
                chunk.numbers
            ))),
            Err(reason) => return chunk.answer(Err(reason)),
        }
    }
}

/// Reaps a worker, which is killed if it still runs, and starts another in its place. Says
/// which process it was and how it ended, or why there is no new one.
fn replace(worker: &mut Worker, place: &Place, function: &str) -> Result<(u32, String), String> {
    // Who drops the pool meanwhile waits for the lock, and so finds the new process.
    let mut process = place.lock().unwrap();
    let old = process.as_mut().ok_or("the pool was dropped")?;
    let (id, status) = (old.id(), old.end());
    let (new, started) = Worker::start(function)
        .map_err(|error| format!("its worker ended, {status}, and {error}"))?;
    (*worker, *process) = (new, Some(started));
    Ok((id, status))
}

/// In a worker whose function is `run`: does its jobs and ends the process. Returns at once
/// in any other process.
///
/// Call it first in `main`. Jobs run on this thread, one at a time. The message of a job
/// that panics is not printed; whoever waits for the answer gets it.
pub fn work_if_worker<J: DeserializeOwned, A: Serialize>(run: impl Fn(J) -> A) {
    let answer = |job| panic::catch_unwind(AssertUnwindSafe(|| run(job))).map_err(panicked);
    serve(type_name_of_val(&run), |jobs| {
        let mut jobs = Deserializer::from_bytes(jobs);
        // They are serialised as a list, and so begin with its length.
        let length = usize::deserialize(&mut jobs).map_err(io::Error::other)?;
        let (mut answers, mut errors) = Done::default();
        for place in 0..length {
            match answer(J::deserialize(&mut jobs).map_err(io::Error::other)?) {
                Ok(answer) => answers.push(answer),
                Err(error) => drop(errors.insert(place, error)),
            }
        }
        let done = Ok::<Done<A>, String>((answers, errors));
        let bytes = postcard::to_extend(&done, Vec::new()).or_else(|error| {
            let reason = format!("the answer cannot be serialised: {error}");
            postcard::to_stdvec(&Err::<Done<()>, _>(reason))
        });
        bytes.map_err(io::Error::other)
    });
}

fn panicked(panic: Box<dyn Any + Send>) -> JobError {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    JobError::Panicked(text.unwrap_or_default().into())
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
