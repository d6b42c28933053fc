//! **Executor**: runs jobs that would block async code, on threads or in processes.
//!
//! Python: `loop.run_in_executor(ThreadPoolExecutor(), ...)`, `ProcessPoolExecutor`
//! Rust: `tokio::task::spawn_blocking`; for worker processes `src/workers.rs`
//!
//!     cargo run -p lesson-executors        (11 seconds)
//!
//! Ten jobs each block for half a second and add their number to a list: on
//! threads, which share the list, and in processes, which do not. Then a worker is
//! killed in the middle of its job. Last, four processes run 25 tasks each.
//!
//! Take away: `src/workers.rs`.

mod jobs;
mod workers;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use jobs::{job, place, take_list, wait};
use timing::{Lesson, say};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, spawn_blocking};
use workers::{Failure, Workers, work_if_worker};

const JOBS: usize = 10;
const WORKERS: usize = 4;

type Answer = JoinHandle<Result<String, Failure>>;
type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    work_if_worker(jobs::work);
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let act = lesson.act("Ten jobs on threads, one at a time");
        let (jobs, waits) = run(on_threads(lesson, 1))?;
        let one_by_one = act.end(format_args!("{jobs} jobs in the time of {waits:.0}"));

        let act = lesson.act("Ten jobs on threads, two at a time");
        let (jobs, waits) = run(on_threads(lesson, 2))?;
        act.end(format_args!("{jobs} jobs in the time of {waits:.0}"));

        let act = lesson.act("Ten jobs on threads, all at once");
        let (jobs, waits) = run(on_threads(lesson, JOBS))?;
        let threads = act.end(format_args!("{jobs} jobs in the time of {waits:.0}"));

        let act = lesson.act("Ten jobs on four worker processes");
        let (jobs, waits) = run(on_processes(lesson))?;
        let processes = act.end(format_args!("{jobs} jobs in the time of {waits:.0}"));

        let act = lesson.act("A worker is killed in the middle of its job");
        let (failed, _) = run(a_worker_is_killed(lesson))?;
        act.end(format_args!("jobs without an answer: {failed}"));

        let act = lesson.act("Four worker processes with 25 tasks each");
        let (tasks, waits) = run(tasks_on_processes(lesson))?;
        act.end(format_args!("{tasks} tasks in the time of {waits:.0}"));

        let speedup = |work, together, author| lesson.speedup(work, one_by_one, together, author);
        speedup("executors: 10 threads", threads, Some(10.0 / 1.011));
        speedup("executors: 4 processes", processes, Some(10.0 / 3.02));
        Ok(())
    })
}

/// As `asyncio.run`: the event loop is on this thread. Returns the time in waits as well.
fn run<T>(act: impl Future<Output = Result<T>>) -> Result<(T, f64)> {
    let start = Instant::now();
    let threads = AtomicUsize::new(0);
    let runtime = Builder::new_current_thread()
        .enable_all()
        .thread_name_fn(move || format!("pool_{}", threads.fetch_add(1, Relaxed)))
        .build()?;
    say!("event loop: {}", place());
    let result = runtime.block_on(act)?;
    Ok((result, start.elapsed().div_duration_f64(wait())))
}

/// The runtime may start up to 512 threads for blocking jobs. The semaphore bounds how
/// many of them these ten use, and leaves the others to the rest of the program.
async fn on_threads(lesson: &Lesson, at_once: usize) -> Result<usize> {
    let permits = Arc::new(Semaphore::new(at_once));
    let mut jobs = Vec::new();
    for number in 1..=JOBS {
        let permit = permits.clone().acquire_owned().await?;
        let lane = lesson.lane(format!("job {number}"));
        jobs.push(spawn_blocking(move || {
            let _permit = permit; // released when the job ends
            let _span = lane.waiting("");
            job(number)
        }));
    }
    for job in jobs {
        say!("{}", job.await?);
    }
    say!("the list of main: {:?}", take_list());
    Ok(JOBS)
}

/// The same job. Each worker adds to its own list, and only the answer comes back.
async fn on_processes(lesson: &Lesson) -> Result<usize> {
    let workers = Arc::new(Workers::new(WORKERS));
    let orders = (1..=JOBS).map(|number| format!("job {number}"));
    let jobs = orders.map(|order| hand_over(lesson, &workers, order));
    for job in jobs.collect::<Vec<_>>() {
        say!("{}", job.await??);
    }
    say!("the list of main: {:?}", take_list());
    Ok(JOBS)
}

/// A task that awaits the worker's answer. The timeline shows when the worker was busy.
fn hand_over(lesson: &Lesson, workers: &Arc<Workers>, order: String) -> Answer {
    let (lane, workers) = (lesson.lane(&order), workers.clone());
    tokio::spawn(async move {
        let mut busy = None;
        let begin = |_, _| busy = Some(lane.waiting(""));
        let answer = workers.run(&order, begin).await;
        drop(busy);
        answer
    })
}

/// Only its own job fails, and the next job for that worker gets a new process.
async fn a_worker_is_killed(lesson: &Lesson) -> Result<usize> {
    let workers = Arc::new(Workers::new(WORKERS));
    let orders = ["killed job", "job 2", "job 3", "job 4"];
    let jobs = orders.map(|order| hand_over(lesson, &workers, order.into()));
    let mut failed = 0;
    for (order, job) in orders.into_iter().zip(jobs) {
        match job.await? {
            Ok(answer) => say!("{answer}"),
            Err(failure) => {
                say!("{order}: no answer, {failure}");
                failed += 1;
            }
        }
    }
    let again = hand_over(lesson, &workers, "job 1".into());
    say!("once more, {}", again.await??);
    Ok(failed)
}

/// A process for each core, and in each process one thread that waits for many things.
async fn tasks_on_processes(lesson: &Lesson) -> Result<usize> {
    let workers = Arc::new(Workers::new(WORKERS));
    let orders = (1..=WORKERS).map(|number| format!("event loop {number}"));
    let loops = orders.map(|order| hand_over(lesson, &workers, order));
    let mut tasks = 0;
    for event_loop in loops.collect::<Vec<_>>() {
        tasks += event_loop.await??.parse::<usize>()?;
    }
    Ok(tasks)
}
