// SPDX-License-Identifier: MIT OR Apache-2.0
//! The second half of the lesson: the same questions with tasks.

use std::error::Error;
use std::thread;

use timing::{Lane, Lesson, say};
use tokio::sync::oneshot;
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::{sleep, timeout};

use crate::panics::Planned;
use crate::{JOBS, thread_name};

/// Rust's `Future` is not a handle on work: it *is* the work, and runs only when it is
/// awaited or spawned.
pub async fn nothing_until_awaited(lesson: &Lesson) {
    let letter = print_out("letter", 0.5, lesson.lane("letter"));
    sleep(timing::seconds(0.5)).await;
    say!("called a while ago, and not begun");
    say!("awaited: {}", letter.await);
}

/// With `&mut handle` the limit drops only the wait; with the future it drops the work.
pub async fn limits(lesson: &Lesson) -> Result<(), JoinError> {
    let limit = timing::seconds(0.2);
    let mut letter = tokio::spawn(print_out("letter", 1.0, lesson.lane("letter")));
    let late = timeout(limit, &mut letter).await.is_err();
    say!(
        "letter, limit on the wait: late is {late}, done is {}",
        letter.is_finished()
    );

    let poster = two_pages("poster", lesson.lane("poster"));
    let late = timeout(limit, poster).await.is_err();
    say!("poster, limit on the work: late is {late}");

    // There is no callback to register: a task that awaits the handle is one.
    let callback = async { say!("called, on {}: {:?}", thread_name(), letter.await) };
    tokio::spawn(callback).await
}

pub async fn in_which_order(lesson: &Lesson) -> Result<(), JoinError> {
    let main = lesson.lane("main");
    let _span = main.waiting("");
    let jobs = || JOBS.map(|(job, seconds)| print_out(job, seconds, lesson.lane(job)));
    let (mut some, others) = (JoinSet::from_iter(jobs()), jobs().map(tokio::spawn));
    while let Some(outcome) = some.join_next().await {
        let job = outcome?;
        main.receives(job);
        say!("as completed: {job}");
    }
    for handle in others {
        let job = handle.await?;
        main.receives(job);
        say!("as submitted: {job}");
    }
    Ok(())
}

/// A task that has begun can be stopped, but only where it waits: at an `await`.
pub async fn cancel(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let letter = tokio::spawn(two_pages("letter", lesson.lane("letter")));
    sleep(timing::seconds(0.1)).await;
    letter.abort();
    let cancelled = letter.await.is_err_and(|error| error.is_cancelled());
    say!("letter, aborted: cancelled is {cancelled}");

    let lane = lesson.lane("photo");
    let (begun, has_begun) = oneshot::channel();
    let photo = task::spawn_blocking(move || {
        let _span = lane.working("blocks");
        let _ = begun.send(());
        thread::sleep(timing::seconds(0.5));
        say!("photo: printed to its end, on {}", thread_name());
    });
    has_begun.await?;
    photo.abort();
    let cancelled = photo.await.is_err();
    say!("photo, aborted on its thread: cancelled is {cancelled}");
    Ok(())
}

/// The runtime catches the panic, and returns it to the task that awaits the handle.
pub async fn failure() -> Result<(), JoinError> {
    let _planned = Planned::begin();
    let poster = tokio::spawn(async { panic!("out of paper") });
    let letter = tokio::spawn(async { "letter" });
    let panicked = poster.await.is_err_and(|error| error.is_panic());
    say!("poster: panicked is {panicked}");
    say!("letter, on the same thread: {}", letter.await?);
    Ok(())
}

/// What a printer does: it waits, and returns the name of what it has printed.
async fn print_out(job: &'static str, seconds: f64, lane: Lane) -> &'static str {
    let _span = lane.waiting("prints");
    sleep(timing::seconds(seconds)).await;
    lane.sends(job);
    job
}

async fn two_pages(job: &'static str, lane: Lane) {
    let _printer = Printer(job);
    for page in 1..=2 {
        say!("{job}: page {page}, on {}", thread_name());
        print_out(job, 1.0, lane.clone()).await;
    }
}

/// Cleans up when its future ends or is dropped: what `finally` does in Python.
struct Printer(&'static str);

impl Drop for Printer {
    fn drop(&mut self) {
        say!("{}: the printer is free again", self.0);
    }
}
