//! Jobs for threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread;

use super::{Outcome, Side, seconds};
use crate::pieces::executor::{Executor, as_completed};

const JOBS: u32 = 50_000;
const TOGETHER: u32 = 10_000;

pub const SIDES: &[Side] = &[
    ("submit", submit),
    ("submit-rayon", submit_rayon),
    ("submit-threadpool", submit_threadpool),
    ("submit-rayon-handles", submit_rayon_handles),
    ("submit-threadpool-handles", submit_threadpool_handles),
    ("completed", completed),
    ("completed-rayon", completed_rayon),
    ("completed-threadpool", completed_threadpool),
    ("results", results),
    ("results-rayon", results_rayon),
    ("results-threadpool", results_threadpool),
];

fn micros(took: f64) -> Outcome {
    Ok(vec![("us", took * 1e6 / f64::from(JOBS))])
}

fn thousands(took: f64) -> Outcome {
    Ok(vec![("k/s", f64::from(TOGETHER) / took / 1e3)])
}

fn submit() -> Outcome {
    let executor = Executor::new(1)?;
    micros(seconds(|| {
        for job in 0..JOBS {
            assert_eq!(executor.submit(move || job).result(), Ok(job));
        }
    }))
}

fn submit_rayon() -> Outcome {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    micros(seconds(|| {
        for job in 0..JOBS {
            let (sender, result) = mpsc::channel();
            pool.spawn(move || _ = sender.send(job));
            assert_eq!(result.recv(), Ok(job));
        }
    }))
}

fn submit_threadpool() -> Outcome {
    let pool = threadpool::ThreadPool::new(1);
    micros(seconds(|| {
        for job in 0..JOBS {
            let (sender, result) = mpsc::channel();
            pool.execute(move || _ = sender.send(job));
            assert_eq!(result.recv(), Ok(job));
        }
    }))
}

fn completed() -> Outcome {
    let executor = Executor::new(2)?;
    thousands(seconds(|| {
        let handles: Vec<_> = (0..TOGETHER)
            .map(|job| executor.submit(move || job))
            .collect();
        let sum: u32 = as_completed(handles)
            .filter_map(|(_, outcome)| outcome.ok())
            .sum();
        assert_eq!(sum, (0..TOGETHER).sum::<u32>());
    }))
}

/// What a crate without handles needs for the same: a job can be cancelled until it begins, its
/// panic is kept, and its outcome can be waited for.
struct Ticket {
    begun: AtomicBool,
    outcome: Mutex<(Option<thread::Result<u32>>, bool)>,
    ended: Condvar,
}

impl Ticket {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            begun: AtomicBool::new(false),
            outcome: Mutex::new((None, false)),
            ended: Condvar::new(),
        })
    }

    /// Does the job, unless it is cancelled. Whether it was done.
    fn keep(&self, job: impl FnOnce() -> u32) -> bool {
        let begins = !self.begun.swap(true, SeqCst);
        if begins {
            let outcome = catch_unwind(AssertUnwindSafe(job));
            let mut kept = self.outcome.lock().unwrap();
            kept.0 = Some(outcome);
            let is_awaited = kept.1;
            // Woken with the lock in use, it would sleep again.
            drop(kept);
            if is_awaited {
                self.ended.notify_one();
            }
        }
        begins
    }

    fn wait(&self) -> thread::Result<u32> {
        let mut kept = self.outcome.lock().unwrap();
        kept.1 = true;
        let running = |kept: &mut (Option<_>, bool)| kept.0.is_none();
        let mut kept = self.ended.wait_while(kept, running).unwrap();
        kept.0.take().expect("it has ended")
    }
}

fn submit_with_handles(pool: &impl Pool) {
    for job in 0..JOBS {
        let ticket = Ticket::new();
        let handle = Arc::clone(&ticket);
        pool.run(move || _ = ticket.keep(|| job));
        assert_eq!(handle.wait().ok(), Some(job));
    }
}

fn submit_rayon_handles() -> Outcome {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    micros(seconds(|| submit_with_handles(&pool)))
}

fn submit_threadpool_handles() -> Outcome {
    let pool = threadpool::ThreadPool::new(1);
    micros(seconds(|| submit_with_handles(&pool)))
}

trait Pool {
    fn run(&self, job: impl FnOnce() + Send + 'static);
}

impl Pool for Executor {
    fn run(&self, job: impl FnOnce() + Send + 'static) {
        drop(self.submit(job));
    }
}

impl Pool for rayon::ThreadPool {
    fn run(&self, job: impl FnOnce() + Send + 'static) {
        self.spawn(job);
    }
}

impl Pool for threadpool::ThreadPool {
    fn run(&self, job: impl FnOnce() + Send + 'static) {
        self.execute(job);
    }
}

/// The outcomes as they come, each with its handle.
fn with_handles(pool: &impl Pool) {
    let (sender, ended) = mpsc::channel();
    let handles: Vec<_> = (0..TOGETHER)
        .map(|job| {
            let ticket = Ticket::new();
            let (handle, sender) = (Arc::clone(&ticket), sender.clone());
            pool.run(move || {
                if ticket.keep(|| job) {
                    _ = sender.send(job as usize);
                }
            });
            handle
        })
        .collect();
    drop(sender);
    let outcome = |place: usize| handles[place].outcome.lock().unwrap().0.take();
    let outcomes = ended.into_iter().filter_map(outcome);
    let sum: u32 = outcomes.filter_map(Result::ok).sum();
    assert_eq!(sum, (0..TOGETHER).sum::<u32>());
}

fn completed_rayon() -> Outcome {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    thousands(seconds(|| with_handles(&pool)))
}

fn completed_threadpool() -> Outcome {
    let pool = threadpool::ThreadPool::new(2);
    thousands(seconds(|| with_handles(&pool)))
}

/// Nothing but the results.
fn without_handles(pool: &impl Pool) {
    let (sender, results) = mpsc::channel();
    for job in 0..TOGETHER {
        let sender = sender.clone();
        pool.run(move || _ = sender.send(job));
    }
    drop(sender);
    assert_eq!(results.into_iter().sum::<u32>(), (0..TOGETHER).sum::<u32>());
}

fn results() -> Outcome {
    let executor = Executor::new(2)?;
    thousands(seconds(|| without_handles(&executor)))
}

fn results_rayon() -> Outcome {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    thousands(seconds(|| without_handles(&pool)))
}

fn results_threadpool() -> Outcome {
    let pool = threadpool::ThreadPool::new(2);
    thousands(seconds(|| without_handles(&pool)))
}
