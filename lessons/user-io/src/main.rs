//! **User input**: made async without care, a program means something else.
//!
//! Python: `asyncio.create_task`, `await`   Rust: `tokio::spawn`, `.await`
//!
//!     cargo run -p lesson-user-io             (19 seconds)
//!     cargo run -p lesson-user-io -- --ask    (you answer while a clock runs)
//!
//! Count from 100 down to 0. At every multiple of 20 on the way (80, 60, 40, 20
//! and 0), wait two seconds for an input, a number from 1 to 5, and subtract it.
//! Three times with the same inputs: blocking; async and wrong; async and right.
//! Then with a countdown that computes, and so keeps its thread for a second.
//!
//! Take away: `src/prompt.rs`, which asks until the answer is valid.

mod ask;
mod prompt;

use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{hint, thread};

use timing::{Lane, Lesson, say};
use tokio::runtime::Builder;
use tokio::task::{self, JoinError, JoinHandle};
use tokio::time::sleep;

/// Where the countdown needs an input. Inputs are below 20, so it never jumps over one.
const MULTIPLES: [i32; 5] = [80, 60, 40, 20, 0];

/// Each multiple with the input that is subtracted there.
type Inputs = [(i32, i32); 5];

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &["--ask"], |lesson| {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        if lesson.has("--ask") {
            return runtime.block_on(ask::act(lesson));
        }
        // Drawn once, so that all acts get the same inputs.
        let inputs = MULTIPLES.map(|multiple| (multiple, rand::random_range(1..=5)));

        let act = lesson.act("Blocking: wait for each input where it is needed");
        let count = blocking(lesson, inputs);
        let one_by_one = act.end(format_args!("ends at {count}: minus the last input"));

        let act = lesson.act("Async and wrong: create tasks on the way, await them at the end");
        let count = runtime.block_on(async_and_wrong(lesson, inputs))?;
        let together = act.end(format_args!("ends at {count}: minus the sum of all inputs"));

        let act = lesson.act("Async and right: create tasks first, await each where needed");
        let count = runtime.block_on(async_and_right(lesson, inputs))?;
        act.end(format_args!("ends at {count}: minus the last input"));

        let act = lesson.act("A countdown that computes, and awaits nothing");
        runtime.block_on(computing(lesson, inputs, false))?;
        act.end("a second of computing, and then the wait");

        let act = lesson.act("The same, but it yields once before it computes");
        runtime.block_on(computing(lesson, inputs, true))?;
        act.end("a second of computing during the wait");

        lesson.speedup("user-io", one_by_one, together, Some(10.76 / 2.01));
        Ok(())
    })
}

/// The thread stands still during each wait, and every step knows the inputs before it.
fn blocking(lesson: &Lesson, inputs: Inputs) -> i32 {
    let mut count = 100;
    for (multiple, input) in inputs {
        while count > multiple {
            count -= 1;
        }
        let lane = lesson.lane(format_args!("input at {multiple}"));
        count -= arrive_blocking(input, lane);
        say!("at {multiple}: the input is {input}, {count} is left");
    }
    count
}

/// The countdown no longer waits. It has ended before the first task even begins: without
/// an `await` in the loop, the thread has no time for them.
async fn async_and_wrong(lesson: &Lesson, inputs: Inputs) -> Result<i32, JoinError> {
    let mut tasks = Vec::new();
    let mut count = 100;
    for (multiple, input) in inputs {
        while count > multiple {
            count -= 1;
        }
        tasks.push(create_task(lesson, multiple, input));
    }
    say!("the countdown has ended at {count}");
    for task in tasks {
        let input = task.await?;
        count -= input;
        say!("an input arrives: it is {input}, {count} is left");
    }
    Ok(count)
}

/// All five wait together, *and* each step of the countdown knows the inputs before it:
/// the result is the one of `blocking` again.
async fn async_and_right(lesson: &Lesson, inputs: Inputs) -> Result<i32, JoinError> {
    let tasks = inputs.map(|(multiple, input)| create_task(lesson, multiple, input));
    let mut count = 100;
    for (multiple, task) in MULTIPLES.into_iter().zip(tasks) {
        while count > multiple {
            count -= 1;
        }
        let input = task.await?;
        count -= input;
        say!("at {multiple}: the input is {input}, {count} is left");
    }
    Ok(count)
}

/// The tasks are queued first. Nevertheless they begin only when the countdown gives up
/// the thread: at its end, or at a `yield_now` before it.
async fn computing(lesson: &Lesson, inputs: Inputs, yields_first: bool) -> Result<(), JoinError> {
    let tasks = inputs.map(|(multiple, input)| create_task(lesson, multiple, input));
    if yields_first {
        task::yield_now().await;
    }
    compute(timing::seconds(1.0), lesson.lane("countdown"));
    say!("the countdown has ended");
    for task in tasks {
        task.await?;
    }
    Ok(())
}

/// Keeps the thread busy for this long.
fn compute(time: Duration, lane: Lane) {
    let _span = lane.working("computes");
    let start = Instant::now();
    while start.elapsed() < time {
        hint::spin_loop();
    }
}

/// Queues the task: it begins when the running task gives up the thread.
fn create_task(lesson: &Lesson, multiple: i32, input: i32) -> JoinHandle<i32> {
    let lane = lesson.lane(format_args!("input at {multiple}"));
    tokio::spawn(arrive(input, multiple, lane))
}

/// A pretended input: typing it takes two seconds, and other tasks run meanwhile.
async fn arrive(input: i32, multiple: i32, lane: Lane) -> i32 {
    say!("asked for the input at {multiple}");
    let _span = lane.waiting("");
    sleep(timing::seconds(2.0)).await;
    input
}

/// The same, but the thread stands still.
fn arrive_blocking(input: i32, lane: Lane) -> i32 {
    let _span = lane.waiting("");
    thread::sleep(timing::seconds(2.0));
    input
}
