// SPDX-License-Identifier: MIT OR Apache-2.0
//! The first half of the lesson: jobs on a pool of threads.

use std::error::Error;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use timing::{Lane, Lesson, say};

use crate::executor::{Executor, as_completed};
use crate::panics::Planned;
use crate::{JOBS, thread_name};

/// `submit` does not wait, so `main` reads the list before any job has ended. All threads
/// share one list, under its lock.
pub fn two_jobs(lesson: &Lesson, workers: usize) -> Result<(), Box<dyn Error>> {
    let pool = Executor::new(workers)?;
    let done = Arc::new(Mutex::new(Vec::new()));
    let handles = ["letter", "poster"].map(|job| {
        let (done, lane) = (Arc::clone(&done), lesson.lane(job));
        pool.submit(move || {
            print_out(job, 1.0, &lane);
            done.lock().unwrap().push((job, thread_name()));
        })
    });
    say!("main does not wait: {:?}", done.lock().unwrap());
    for handle in handles {
        handle.result()?;
    }
    let mut done = done.lock().unwrap();
    done.sort(); // On two workers either job may end first.
    say!("main has waited: {done:?}");
    Ok(())
}

/// When the limit is over, nothing happens to the job: only the wait ends.
pub fn done_or_not(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let pool = Executor::new(1)?;
    let lane = lesson.lane("letter");
    let letter = pool.submit(move || print_out("letter", 1.0, &lane));
    say!("done: {}", letter.done());
    match letter.result_timeout(timing::seconds(0.2)) {
        Ok(outcome) => say!("in time: {outcome:?}"),
        Err(letter) => {
            say!("not within the limit, and the job goes on");
            letter.on_done(|outcome| say!("called, on {}: {outcome:?}", thread_name()));
        }
    }
    drop(pool); // Waits for the job, and so for the callback.
    Ok(())
}

/// The same three jobs twice, all at once, so that their outcomes come in both orders.
pub fn in_which_order(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let pool = Executor::new(2 * JOBS.len())?;
    let submit = || {
        JOBS.map(|(job, seconds)| {
            let lane = lesson.lane(job);
            pool.submit(move || print_out(job, seconds, &lane))
        })
    };
    let (some, others) = (submit(), submit());
    let main = lesson.lane("main");
    let _span = main.waiting("");
    for (place, outcome) in as_completed(some) {
        let job = outcome?;
        main.receives(job);
        say!("as completed: {job} (number {})", place + 1);
    }
    for handle in others {
        let job = handle.result()?;
        main.receives(job);
        say!("as submitted: {job}");
    }
    Ok(())
}

/// As in Python: only a job that has not begun can be cancelled. A thread cannot be stopped.
pub fn cancel(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let pool = Executor::new(1)?;
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
    Ok(())
}

/// A panic is the outcome of its job, and the worker takes the next job. When no worker is
/// left, each handle that waits gets `Broken`.
pub fn failures() -> Result<(), Box<dyn Error>> {
    let _planned = Planned::begin();
    let pool = Executor::new(1)?;
    let poster = pool.submit::<&str>(|| panic!("out of paper"));
    say!("poster: {:?}", poster.result());
    let letter = pool.submit(|| "letter");
    say!("letter, on the same worker: {:?}", letter.result());
    let broken = Executor::with_init(1, || panic!("out of ink"))?;
    let photo = broken.submit(|| "photo");
    say!("photo: {:?}", photo.result());
    Ok(())
}

/// What a printer does: it waits, and returns the name of what it has printed.
fn print_out(job: &'static str, seconds: f64, lane: &Lane) -> &'static str {
    let _span = lane.waiting("prints");
    thread::sleep(timing::seconds(seconds));
    lane.sends(job);
    job
}
