//! **Executor**: does the jobs that would block an async program: threads, processes.
//!
//! Python: `loop.run_in_executor(ThreadPoolExecutor(), ...)`, `ProcessPoolExecutor`
//! Rust: `tokio::task::spawn_blocking`; for worker processes `src/workers.rs`
//!
//!     cargo run -p lesson-executors        (11 seconds)
//!
//! Ten jobs, each of which blocks for half a second and adds its number to a list:
//! on threads, which share the list, and in processes, which do not. A worker is
//! killed in the middle of its job. At last, four processes with 25 tasks each.
//!
//! Take away: `src/workers.rs`.

mod workers;

use std::error::Error;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{io, iter, mem, thread};

use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use timing::{Lesson, say};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use workers::{Failure, Workers, work_if_worker};

const JOBS: usize = 10;
const WORKERS: usize = 4;
const TASKS: usize = 25;

/// One list for all the threads of a process, and another one in every process.
static LIST: Mutex<Vec<usize>> = Mutex::new(Vec::new());

type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    work_if_worker(work);
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let one_by_one = on_pool(1, jobs_on_threads(lesson, 1))?;
        on_pool(2, jobs_on_threads(lesson, 2))?;
        let threads = on_pool(10, jobs_on_threads(lesson, 10))?;
        let processes = on_pool(1, jobs_on_processes(lesson))?;
        on_pool(1, a_worker_is_killed(lesson))?;
        on_pool(1, tasks_on_processes(lesson))?;
        let speedup = |work, together, author| lesson.speedup(work, one_by_one, together, author);
        speedup("executors: 10 threads", threads, Some(10.0 / 1.011));
        speedup("executors: 4 processes", processes, Some(10.0 / 3.02));
        Ok(())
    })
}

/// One thread runs what is async; up to so many others do what blocks.
fn on_pool<T>(threads: usize, act: impl Future<Output = Result<T>>) -> Result<T> {
    let mut runtime = Builder::new_current_thread();
    runtime.max_blocking_threads(threads).enable_all();
    runtime.build()?.block_on(act)
}

/// Knows nothing of async: it blocks whatever thread it runs on.
fn job(number: usize) {
    thread::sleep(wait());
    LIST.lock().expect("no job panics").push(number);
}

fn wait() -> Duration {
    timing::seconds(0.5)
}

/// So many jobs in the time of how many? At best all in the time of one.
fn conclusion(jobs: usize, start: Instant) -> String {
    let waits = start.elapsed().as_secs_f64() / wait().as_secs_f64();
    format!("{jobs} jobs in the time of {waits:.0}")
}

/// Every thread adds to the one list, in any order. A pool that is too small makes the
/// jobs queue up.
async fn jobs_on_threads(lesson: &Lesson, threads: usize) -> Result<Duration> {
    let act = lesson.act(format_args!("Ten jobs on a pool of threads: {threads}"));
    let start = Instant::now();
    let mut jobs = JoinSet::new();
    for number in 1..=JOBS {
        let lane = lesson.lane(format!("job {number}"));
        jobs.spawn_blocking(move || {
            let _span = lane.waiting("");
            job(number);
        });
    }
    jobs.join_all().await;
    let list = mem::take(&mut *LIST.lock()?);
    say!("the list: {list:?}");
    Ok(act.end(conclusion(list.len(), start)))
}

/// The same job in processes. Each adds to a list of its own and can only send back an
/// answer; the list of the parent stays empty.
async fn jobs_on_processes(lesson: &Lesson) -> Result<Duration> {
    let act = lesson.act(format_args!("Ten jobs on worker processes: {WORKERS}"));
    let start = Instant::now();
    let workers = Arc::new(Workers::new(WORKERS));
    let hand_over = |number: usize| {
        let lane = format!("job {number}");
        on_worker(lesson, &workers, lane, number.to_string(), |_| ())
    };
    let jobs: Vec<_> = (1..=JOBS).map(hand_over).collect();
    for job in jobs {
        say!("{}", job.await??);
    }
    say!("the list of the parent: {:?}", LIST.lock()?);
    Ok(act.end(conclusion(JOBS, start)))
}

/// Drawn in the lane for as long as a worker is at it; `taken` gets the worker's id.
fn on_worker(
    lesson: &Lesson,
    workers: &Arc<Workers>,
    lane: String,
    job: String,
    taken: impl FnOnce(u32) + Send + 'static,
) -> JoinHandle<Result<String, Failure>> {
    let (lane, workers) = (lesson.lane(lane), workers.clone());
    tokio::spawn(async move {
        let mut span = None;
        let begin = |_, process| {
            span = Some(lane.waiting(""));
            taken(process);
        };
        let answer = workers.run(&job, begin).await;
        drop(span);
        answer
    })
}

/// What a worker does with a job.
fn work(order: &str) -> Result<String, String> {
    match order {
        "hang" => loop {
            thread::park();
        },
        "tasks" => tasks().map_err(|error| error.to_string()),
        number => {
            job(number.parse().map_err(|_| format!("no job: {number}"))?);
            Ok(format!(
                "job {number}: the list of its worker is {:?}",
                LIST.lock().unwrap()
            ))
        }
    }
}

/// A job that never ends: its worker has to be killed. No other job suffers, and the
/// next one for that worker gets a new process.
async fn a_worker_is_killed(lesson: &Lesson) -> Result {
    let act = lesson.act("A worker is killed in the middle of its job");
    let workers = Arc::new(Workers::new(WORKERS));
    let hand_over = |number: usize| {
        let lane = format!("job {number}");
        on_worker(lesson, &workers, lane, number.to_string(), |_| ())
    };
    let (sender, process) = oneshot::channel();
    let taken = |process| _ = sender.send(process);
    let stuck = on_worker(lesson, &workers, "job 1".into(), "hang".into(), taken);
    let others = [2, 3, 4].map(hand_over);
    // Without a worker for it there is nobody to kill, and its failure says why.
    if let Ok(process) = process.await {
        tokio::time::sleep(wait() / 2).await;
        signal::kill(Pid::from_raw(process.cast_signed()), Signal::SIGKILL)?;
    }
    let mut failed = 0;
    for (number, job) in (1..).zip(iter::once(stuck).chain(others)) {
        match job.await? {
            Ok(answer) => say!("{answer}"),
            Err(failure) => {
                failed += 1;
                say!("job {number}: no answer, {failure}");
            }
        }
    }
    say!("once more, {}", hand_over(1).await??);
    act.end(format_args!("jobs without an answer: {failed}"));
    Ok(())
}

/// What the Python text leaves unfinished. A process for each core, and in each of them
/// one thread that waits for many things.
async fn tasks_on_processes(lesson: &Lesson) -> Result {
    let act = lesson.act(format_args!(
        "Worker processes with {TASKS} tasks each: {WORKERS}"
    ));
    let start = Instant::now();
    let workers = Arc::new(Workers::new(WORKERS));
    let hand_over = |number: usize| {
        let lane = format!("process {number}");
        on_worker(lesson, &workers, lane, "tasks".into(), |_| ())
    };
    let processes: Vec<_> = (1..=WORKERS).map(hand_over).collect();
    let mut tasks = 0;
    for process in processes {
        tasks += process.await??.parse::<usize>()?;
    }
    act.end(conclusion(tasks, start));
    Ok(())
}

/// In a worker: an event loop of its own, and the number of tasks that it ran.
fn tasks() -> io::Result<String> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let done = runtime.block_on(async {
        let waits = (0..TASKS).map(|_| tokio::time::sleep(wait()));
        waits.collect::<JoinSet<_>>().join_all().await
    });
    Ok(done.len().to_string())
}
