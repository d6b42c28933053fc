//! Jobs for threads.

use std::sync::mpsc;

use super::{Outcome, Side, seconds};
use crate::pieces::executor::{Executor, as_completed};

const JOBS: u32 = 50_000;
const TOGETHER: u32 = 10_000;

pub const SIDES: &[Side] = &[
    ("submit", submit),
    ("submit-rayon", submit_rayon),
    ("submit-threadpool", submit_threadpool),
    ("completed", completed),
    ("completed-rayon", completed_rayon),
    ("completed-threadpool", completed_threadpool),
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

fn completed_rayon() -> Outcome {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    thousands(seconds(|| {
        let (sender, results) = mpsc::channel();
        for job in 0..TOGETHER {
            let sender = sender.clone();
            pool.spawn(move || _ = sender.send(job));
        }
        drop(sender);
        assert_eq!(results.into_iter().sum::<u32>(), (0..TOGETHER).sum::<u32>());
    }))
}

fn completed_threadpool() -> Outcome {
    let pool = threadpool::ThreadPool::new(2);
    thousands(seconds(|| {
        let (sender, results) = mpsc::channel();
        for job in 0..TOGETHER {
            let sender = sender.clone();
            pool.execute(move || _ = sender.send(job));
        }
        drop(sender);
        assert_eq!(results.into_iter().sum::<u32>(), (0..TOGETHER).sum::<u32>());
    }))
}
