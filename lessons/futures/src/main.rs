//! **Future**: a handle on a result that is not there yet.
//!
//! Python: `ThreadPoolExecutor`, `Task`   Rust: `Executor` (here), tokio's tasks
//!
//!     cargo run -p lesson-futures     (9 seconds)
//!
//! A print shop: two jobs on one printer, then on two. What you can do with a
//! handle: ask whether the job is done, wait with a limit, register a callback,
//! take results as they complete, cancel. A job that fails, a printer that breaks
//! down. First on a pool of threads (`jobs.rs`), then with tasks (`tasks.rs`),
//! where some of the same words mean something else.
//!
//! Take away: `src/executor.rs`, Python's `ThreadPoolExecutor` in one file.

mod executor;
mod jobs;
mod panics;
mod tasks;

use std::error::Error;
use std::process::ExitCode;
use std::thread;

use timing::Lesson;
use tokio::runtime::Builder;

/// Three jobs, and how long each takes to print.
const JOBS: [(&str, f64); 3] = [("poster", 1.0), ("letter", 0.2), ("photo", 0.6)];

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &[], |lesson| {
        on_threads(lesson)?;
        // Python's event loop: one thread, which also runs this.
        let runtime = Builder::new_current_thread().enable_time().build()?;
        runtime.block_on(with_tasks(lesson))
    })
}

fn on_threads(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Two jobs, one worker");
    jobs::two_jobs(lesson, 1)?;
    let one_by_one = act.end("two waits");

    let act = lesson.act("Two jobs, two workers");
    jobs::two_jobs(lesson, 2)?;
    let together = act.end("one wait");

    let act = lesson.act("Is it done? Wait with a limit, or be called");
    jobs::done_or_not(lesson)?;
    act.end("the time-out ended the wait, and not the job");

    let act = lesson.act("In which order?");
    jobs::in_which_order(lesson)?;
    act.end("the quickest first, or in the order of submission");

    let act = lesson.act("Cancel a job");
    jobs::cancel(lesson)?;
    act.end("a job that has begun goes on, a job that has not never will");

    let act = lesson.act("A job that fails, and a worker that breaks down");
    if cfg!(panic = "abort") {
        return Err("this act needs panics that unwind".into());
    }
    jobs::failures()?;
    act.end("every job has an outcome, whatever happens to its worker");

    lesson.speedup("futures: two jobs", one_by_one, together, Some(2.0));
    Ok(())
}

async fn with_tasks(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Tasks: called, but not awaited");
    tasks::nothing_until_awaited(lesson).await;
    act.end("it does nothing until it is awaited or spawned");

    let act = lesson.act("Tasks: a limit on the wait, or on the work");
    tasks::limits(lesson).await?;
    act.end("a time-out ends the wait for a handle, but the work of a future");

    let act = lesson.act("Tasks: in which order?");
    tasks::in_which_order(lesson).await?;
    act.end("the quickest first, or in the order of submission");

    let act = lesson.act("Tasks: cancel, even what has begun");
    tasks::cancel(lesson).await?;
    act.end("a task stops at its await, a thread does not stop");

    let act = lesson.act("Tasks: one that fails");
    tasks::failure().await?;
    act.end("the other tasks go on");
    Ok(())
}

/// The name of the thread that runs this.
fn thread_name() -> String {
    thread::current().name().unwrap_or("a thread").to_owned()
}
