// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! Threads that run jobs, and a handle on the result of each job: what Python calls an executor,
//! in `concurrent.futures`. (In async Rust, an executor is what polls futures; this is not one.)

use std::error::Error;
use std::fmt;
use std::io;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How a job ended: with its result, or with the reason why there is none.
pub type Outcome<T> = Result<T, Failure>;

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It was cancelled before it began.
    Cancelled,
    /// It panicked, with this message. Its worker takes the next job.
    Panicked(String),
    /// It did not run: no worker is left.
    Broken,
}

/// A fixed number of worker threads that take jobs from one queue, in order.
///
/// Each submitted job has an outcome, whatever happens to the workers, so a wait for it ends
/// when the job ends. This needs panics that unwind: `panic = "abort"` ends the program instead.
///
/// A job must not wait for another job of the same executor: if all workers do so, they
/// deadlock.
///
/// The queue has no bound. Dropping the executor waits for all jobs in it, without a time
/// limit, as the end of Python's `with ThreadPoolExecutor()` does. If a job drops the executor,
/// it waits for the other workers only, and jobs in the queue may run after that.
pub struct Executor {
    /// `None` as soon as the executor is being dropped. That tells the workers to end behind the
    /// last job.
    queue: Option<Sender<Job>>,
    workers: Vec<JoinHandle<()>>,
}

type Job = Box<dyn FnOnce() + Send>;

/// The workers' end of the queue. When the last worker ends, the jobs in it are dropped, and the
/// handle of each of these jobs gets [`Failure::Broken`].
struct Queue(Mutex<Receiver<Job>>);

impl Executor {
    /// Starts `workers` threads, named `worker 1`, `worker 2`, ... Without workers, every job
    /// is [`Failure::Broken`].
    ///
    /// # Errors
    ///
    /// If the system cannot start a thread.
    pub fn new(workers: usize) -> io::Result<Self> {
        Self::with_init(workers, || ())
    }

    /// Starts `workers` threads, each of which calls `init` before its first job. If `init`
    /// panics, its thread ends; the other workers, if there are any, take all jobs.
    ///
    /// # Errors
    ///
    /// If the system cannot start a thread.
    pub fn with_init(workers: usize, init: impl Fn() + Clone + Send + 'static) -> io::Result<Self> {
        let (sender, jobs) = mpsc::channel();
        let queue = Arc::new(Queue(Mutex::new(jobs)));
        let mut executor = Self {
            queue: Some(sender),
            workers: Vec::new(),
        };
        for number in 1..=workers {
            let (queue, init) = (Arc::clone(&queue), init.clone());
            let work = move || {
                init();
                while let Some(job) = queue.next() {
                    // A panic of the work is in its outcome. This one comes from a value that
                    // panics when it is dropped, such as a result that no handle takes.
                    let _ = caught(job);
                }
            };
            let thread = thread::Builder::new().name(format!("worker {number}"));
            let worker = thread.spawn(|| drop(caught(work)))?;
            executor.workers.push(worker);
        }
        Ok(executor)
    }

    /// Queues `work` and returns at once.
    pub fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Handle<T> {
        let ticket = Arc::new(Ticket {
            decided: AtomicBool::new(false),
            state: Mutex::new(State::Open),
            ended: Condvar::new(),
        });
        let promise = Promise(Arc::clone(&ticket));
        let job = Box::new(move || {
            if promise.decide() {
                promise.keep(caught(work).map_err(Failure::Panicked));
            }
        });
        // Without workers nothing takes it: the job is dropped, and so is its promise.
        if let Some(queue) = &self.queue {
            let _ = queue.send(job);
        }
        Handle(ticket)
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        self.queue = None;
        for worker in self.workers.drain(..) {
            // A job may drop the executor; its thread cannot wait for itself.
            if worker.thread().id() != thread::current().id() {
                let _ = worker.join();
            }
        }
    }
}

impl Queue {
    /// Waits for the next job; `None` tells this worker to end. The others wait for the lock.
    fn next(&self) -> Option<Job> {
        let jobs = lock(&self.0);
        if let Ok(job) = jobs.try_recv() {
            return Some(job);
        }
        // The thread that has waited for the last job may queue the next one now. Then this worker
        // does not sleep, and need not be woken.
        thread::yield_now();
        jobs.recv().ok()
    }
}

impl Drop for Queue {
    /// No worker is left, so the queued jobs never begin.
    fn drop(&mut self) {
        for job in lock(&self.0).try_iter() {
            let _ = caught(|| drop(job));
        }
    }
}

/// The right to the outcome of one job. It has one owner, and so has the outcome.
///
/// Dropping a handle does not stop its job.
#[must_use = "without its handle, a job that panics does so unnoticed"]
pub struct Handle<T>(Arc<Ticket<T>>);

impl<T> Handle<T> {
    /// Whether there is an outcome yet. Does not wait.
    pub fn done(&self) -> bool {
        matches!(*lock(&self.0.state), State::Ended(_))
    }

    /// Waits for the outcome, without a time limit.
    pub fn result(self) -> Outcome<T> {
        let mut state = lock(&self.0.state);
        loop {
            if let State::Ended(outcome) = mem::replace(&mut *state, State::Awaited) {
                return outcome;
            }
            let woken = self.0.ended.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for the outcome, at most for `limit`. After that it returns the handle: the job
    /// goes on, and you can still wait for it.
    pub fn result_timeout(self, limit: Duration) -> Result<Outcome<T>, Self> {
        let mut state = lock(&self.0.state);
        if let State::Open = *state {
            *state = State::Awaited;
        }
        let running = |state: &mut State<T>| !matches!(state, State::Ended(_));
        let woken = self.0.ended.wait_timeout_while(state, limit, running);
        let (mut state, _) = woken.unwrap_or_else(PoisonError::into_inner);
        if let State::Ended(outcome) = mem::replace(&mut *state, State::Awaited) {
            return Ok(outcome);
        }
        drop(state);
        Err(self)
    }

    /// Calls `callback` with the outcome: at once on this thread if the job has ended, else on
    /// the worker's thread when it ends. There a panic in `callback` does not end the worker.
    pub fn on_done(self, callback: impl FnOnce(Outcome<T>) + Send + 'static) {
        let mut state = lock(&self.0.state);
        match mem::replace(&mut *state, State::Open) {
            State::Ended(outcome) => {
                drop(state);
                callback(outcome);
            }
            _ => *state = State::Called(Box::new(callback)),
        }
    }

    /// Cancels the job if it has not begun: then it never will, and its outcome is
    /// [`Failure::Cancelled`]. Returns whether it is cancelled. A job that has begun cannot
    /// be stopped.
    pub fn cancel(&self) -> bool {
        let mut state = lock(&self.0.state);
        if !self.0.decided.swap(true, SeqCst) {
            *state = State::Ended(Err(Failure::Cancelled));
        }
        matches!(*state, State::Ended(Err(Failure::Cancelled)))
    }
}

/// The outcomes in the order of completion, each with its place among the `handles`.
pub fn as_completed<T: Send + 'static>(
    handles: impl IntoIterator<Item = Handle<T>>,
) -> impl Iterator<Item = (usize, Outcome<T>)> {
    let (sender, ended) = mpsc::channel();
    let sender = Arc::new(sender);
    for (place, handle) in handles.into_iter().enumerate() {
        let mut state = lock(&handle.0.state);
        if let State::Ended(_) = *state {
            drop(state);
            let _ = sender.send((place, handle));
        } else {
            *state = State::Listed(Arc::clone(&sender), place);
        }
    }
    let ended = ended.into_iter();
    ended.map(|(place, handle): (_, Handle<T>)| (place, handle.result()))
}

/// What a job and its handle share.
struct Ticket<T> {
    /// The job has begun, or is cancelled or broken. Who sets this says what the outcome is.
    decided: AtomicBool,
    state: Mutex<State<T>>,
    ended: Condvar,
}

/// What becomes of the outcome, or the outcome itself.
enum State<T> {
    /// No handle has asked for it.
    Open,
    /// The owner of the handle waits, or has waited: to wake it costs a call of the system.
    Awaited,
    Called(Box<dyn FnOnce(Outcome<T>) + Send>),
    /// The handle goes to [`as_completed`], with this place, if its iterator is still there.
    Listed(Arc<Sender<(usize, Handle<T>)>>, usize),
    Ended(Outcome<T>),
}

/// The job's side of the ticket: broken when it is dropped before the job has begun, so that no
/// handle waits for an outcome that never comes.
struct Promise<T>(Arc<Ticket<T>>);

impl<T> Promise<T> {
    /// Whether the outcome is up to this: not if the job is cancelled.
    fn decide(&self) -> bool {
        !self.0.decided.swap(true, SeqCst)
    }

    fn keep(&self, outcome: Outcome<T>) {
        let ticket = &self.0;
        let mut state = lock(&ticket.state);
        match mem::replace(&mut *state, State::Open) {
            State::Called(callback) => {
                drop(state);
                // The panic hook has reported it; the worker must not end by it.
                let _ = caught(|| callback(outcome));
            }
            State::Listed(ended, place) => {
                *state = State::Ended(outcome);
                drop(state);
                let _ = ended.send((place, Handle(Arc::clone(ticket))));
            }
            before => {
                *state = State::Ended(outcome);
                drop(state);
                if let State::Awaited = before {
                    ticket.ended.notify_one();
                }
            }
        }
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        if self.decide() {
            self.keep(Err(Failure::Broken));
        }
    }
}

/// Nothing panics while it holds one of these locks, so the data is valid even if poisoned.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `act`. If it panics, returns the message, and drops the payload here. That drop may
/// panic again; the payload of this second panic is never dropped.
fn caught<T>(act: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(act)).map_err(|payload| {
        let message = match payload.downcast_ref::<String>() {
            Some(message) => message.clone(),
            None => payload
                .downcast_ref()
                .copied()
                .unwrap_or("no message")
                .into(),
        };
        let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
        dropped.unwrap_or_else(mem::forget);
        message
    })
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut executor = f.debug_struct("Executor");
        executor
            .field("workers", &self.workers.len())
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut handle = f.debug_struct("Handle");
        handle.field("done", &self.done()).finish_non_exhaustive()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => write!(f, "cancelled before it began"),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
            Self::Broken => write!(f, "no worker is left to run it"),
        }
    }
}

impl Error for Failure {}
