// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lesson's second half: the same words with tasks, and where they mean something else.

use std::error::Error;
use std::panic;
use std::thread;

use timing::{Lane, Lesson, say};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::{self, JoinSet};
use tokio::time::{sleep, timeout};

/// Three jobs, and how long each takes to print.
const JOBS: [(&str, f64); 3] = [("poster", 1.0), ("letter", 0.2), ("photo", 0.6)];

pub fn acts(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        nothing_until_awaited(lesson).await?;
        done_or_not(lesson).await?;
        in_which_order(lesson).await?;
        cancel(lesson).await?;
        panic_in_a_task(lesson).await
    })
}

/// The word `future` itself means something else in Rust: no ticket for work that
/// somebody does, but the work. It does nothing unless it is awaited or spawned.
async fn nothing_until_awaited(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Tasks: a future that nobody awaits");
    let letter = print_out("letter", 0.5, lesson.lane("letter"));
    sleep(timing::seconds(0.5)).await;
    say!("called a while ago, and not begun");
    say!("awaited: {}", letter.await);
    act.end("a future does nothing until it is awaited or spawned");
    Ok(())
}

/// There is no callback to register: a task that awaits, and goes on, is one.
async fn done_or_not(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Tasks: is it done? Wait with a limit, or be called");
    let mut letter = tokio::spawn(print_out("letter", 1.0, lesson.lane("letter")));
    say!("done: {}", letter.is_finished());
    // `&mut`: a limit on waiting for the handle. On the future itself it would cancel.
    match timeout(timing::seconds(0.2), &mut letter).await {
        Ok(outcome) => say!("in time: {outcome:?}"),
        Err(_) => {
            say!("not within the limit, and the task goes on");
            let call = async { say!("after its await: {:?}", letter.await) };
            tokio::spawn(call).await?;
        }
    }
    act.end("the time-out ended the waiting and not the task");
    Ok(())
}

async fn in_which_order(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Tasks: in which order?");
    let jobs = || JOBS.map(|(job, seconds)| print_out(job, seconds, lesson.lane(job)));
    let (mut some, others) = (JoinSet::from_iter(jobs()), jobs().map(tokio::spawn));
    while let Some(outcome) = some.join_next().await {
        say!("as completed: {}", outcome?);
    }
    for handle in others {
        say!("as submitted: {}", handle.await?);
    }
    act.end("the quickest first, or in the order of submission");
    Ok(())
}

/// Here what has begun can be stopped, but only where it waits, at an `await`.
async fn cancel(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Tasks: cancel, even what has begun");
    let moment = timing::seconds(0.1);

    let letter = tokio::spawn(two_pages("letter", lesson.lane("letter")));
    sleep(moment).await;
    letter.abort();
    let cancelled = letter.await.is_err_and(|error| error.is_cancelled());
    say!("letter, aborted: cancelled is {cancelled}");

    let poster = two_pages("poster", lesson.lane("poster"));
    let dropped = timeout(moment, poster).await.is_err();
    say!("poster, over its limit: dropped is {dropped}");

    let lane = lesson.lane("photo");
    let (begun, has_begun) = oneshot::channel();
    let photo = task::spawn_blocking(move || {
        let _span = lane.working("blocks");
        let _ = begun.send(());
        thread::sleep(timing::seconds(0.5));
        say!("photo: printed to its end");
    });
    has_begun.await?;
    photo.abort();
    let cancelled = photo.await.is_err();
    say!("photo, aborted on its thread: cancelled is {cancelled}");
    act.end("a task stops at its await, a thread does not stop");
    Ok(())
}

/// The runtime catches it and hands it to whoever awaits the task.
async fn panic_in_a_task(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Tasks: one that panics");
    let print_trace = panic::take_hook();
    panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        say!("a panic: {message}");
    }));
    let poster = tokio::spawn(async { panic!("out of paper") });
    let letter = tokio::spawn(async { "letter" });
    let panicked = poster.await.is_err_and(|error| error.is_panic());
    say!("poster: panicked is {panicked}");
    say!("letter, on the same thread: {}", letter.await?);
    panic::set_hook(print_trace);
    act.end("the other tasks go on");
    Ok(())
}

/// What a printer does: it waits, and returns the name of what it has printed.
async fn print_out(job: &'static str, seconds: f64, lane: Lane) -> &'static str {
    let _span = lane.waiting("prints");
    sleep(timing::seconds(seconds)).await;
    job
}

async fn two_pages(job: &'static str, lane: Lane) {
    for page in 1..=2 {
        say!("{job}: page {page}");
        print_out(job, 1.0, lane.clone()).await;
    }
}
