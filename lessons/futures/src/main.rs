//! **Future**: a claim ticket for a result that is not there yet.
//!
//! Python: `ThreadPoolExecutor`, `Task`   Rust: `Executor` (here), tokio's tasks
//!
//!     cargo run -p lesson-futures     (9 seconds)
//!
//! A print shop: two jobs on one printer, then on two. What one can do with a
//! ticket: ask whether it is done, wait with a limit, be called, take first what is
//! done first, cancel. A job that panics, a printer that breaks down. First on a
//! pool of threads, then with tasks: the same words do not always mean the same.
//!
//! Take away: `src/executor.rs`, Python's `ThreadPoolExecutor` in one file.

mod executor;
mod tasks;

use std::error::Error;
use std::panic;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use executor::{Executor, as_completed};
use timing::{Lane, Lesson, say};

/// Three jobs, and how long each takes to print.
const JOBS: [(&str, f64); 3] = [("poster", 1.0), ("letter", 0.2), ("photo", 0.6)];

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let one_by_one = two_jobs(lesson, "Two jobs, one worker", 1)?;
        let together = two_jobs(lesson, "Two jobs, two workers", 2)?;
        done_or_not(lesson)?;
        in_which_order(lesson)?;
        cancel(lesson)?;
        what_goes_wrong(lesson)?;
        tasks::acts(lesson)?;
        lesson.speedup("futures: two jobs", one_by_one, together, Some(2.0));
        Ok(())
    })
}

/// `submit` does not wait, so `main` looks at the list before any job has come to its
/// end. It is the same list all the time: threads share it, under its lock.
fn two_jobs(lesson: &Lesson, title: &str, workers: usize) -> Result<Duration, Box<dyn Error>> {
    let act = lesson.act(title);
    let pool = Executor::new(workers).map_err(too_few_threads)?;
    let done = Arc::new(Mutex::new(Vec::new()));
    let handles = ["letter", "poster"].map(|job| {
        let (done, lane) = (Arc::clone(&done), lesson.lane(job));
        pool.submit(move || {
            print_out(job, 1.0, &lane);
            done.lock().unwrap().push(job);
        })
    });
    say!("main does not wait: {:?}", done.lock().unwrap());
    for handle in handles {
        handle.result()?;
    }
    // On two workers it is luck who comes first.
    done.lock().unwrap().sort();
    say!("main has waited: {:?}", done.lock().unwrap());
    Ok(act.end(if workers == 1 {
        "two waits"
    } else {
        "one wait"
    }))
}

/// A handle can be asked, waited for with a limit, and told whom to call. When the limit
/// is over, nothing happens to the job: only the waiting ends.
fn done_or_not(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Is it done? Wait with a limit, or be called");
    let pool = Executor::new(1).map_err(too_few_threads)?;
    let lane = lesson.lane("letter");
    let letter = pool.submit(move || print_out("letter", 1.0, &lane));
    say!("done: {}", letter.done());
    match letter.result_timeout(timing::seconds(0.2)) {
        Ok(outcome) => say!("in time: {outcome:?}"),
        Err(letter) => {
            say!("not within the limit, and the job goes on");
            letter.on_done(|outcome| say!("called by its worker: {outcome:?}"));
        }
    }
    drop(pool); // waits for its jobs, and so for that call
    act.end("the time-out ended the waiting and not the job");
    Ok(())
}

/// The same three jobs twice, all at once, so that their outcomes come in both orders.
fn in_which_order(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("In which order?");
    let pool = Executor::new(2 * JOBS.len()).map_err(too_few_threads)?;
    let submit = || {
        JOBS.map(|(job, seconds)| {
            let lane = lesson.lane(job);
            pool.submit(move || print_out(job, seconds, &lane))
        })
    };
    let (some, others) = (submit(), submit());
    for (place, outcome) in as_completed(some) {
        say!("as completed: {} (number {})", outcome?, place + 1);
    }
    for handle in others {
        say!("as submitted: {}", handle.result()?);
    }
    act.end("the quickest first, or in the order of submission");
    Ok(())
}

/// As in Python: only what has not begun can be cancelled. Nobody can stop a thread.
fn cancel(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Cancel a job");
    let pool = Executor::new(1).map_err(too_few_threads)?;
    let (begun, has_begun) = mpsc::channel();
    let lane = lesson.lane("letter");
    let letter = pool.submit(move || {
        let _ = begun.send(());
        print_out("letter", 0.5, &lane)
    });
    let poster = pool.submit(|| say!("poster: never printed"));
    has_begun.recv()?;
    say!("cancel the letter, which has begun: {}", letter.cancel());
    say!("cancel the poster, which has not: {}", poster.cancel());
    say!("letter: {:?}", letter.result());
    say!("poster: {:?}", poster.result());
    act.end("what has begun goes on, what has not never will");
    Ok(())
}

/// A panic is the job's own affair: the handle says so, and the worker goes on. When no
/// worker is left, the jobs are not: each handle says that as well, and nobody waits.
fn what_goes_wrong(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("A job that panics, and a worker that breaks down");
    let pool = Executor::new(1).map_err(too_few_threads)?;
    // Instead of the trace that a panic prints on standard error, one line of our own.
    let print_trace = panic::take_hook();
    panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        say!("a panic: {message}");
    }));
    let poster = pool.submit::<&str>(|| panic!("out of paper"));
    say!("poster: {:?}", poster.result());
    let letter = pool.submit(|| "letter");
    say!("letter, on the same worker: {:?}", letter.result());
    let broken = Executor::with_init(1, || panic!("out of ink")).map_err(too_few_threads)?;
    let photo = broken.submit(|| "photo");
    say!("photo: {:?}", photo.result());
    panic::set_hook(print_trace);
    act.end("every job has an outcome, whatever becomes of its worker");
    Ok(())
}

/// What a printer does: it waits, and returns the name of what it has printed.
fn print_out(job: &'static str, seconds: f64, lane: &Lane) -> &'static str {
    let _span = lane.waiting("prints");
    thread::sleep(timing::seconds(seconds));
    job
}

fn too_few_threads(error: std::io::Error) -> String {
    format!("cannot start the workers: {error}")
}
