//! **User input**: made async without care, a program means something else.
//!
//! Python: `asyncio.create_task`, `await`   Rust: `tokio::spawn`, `.await`
//!
//!     cargo run -p lesson-user-io             (14 seconds)
//!     cargo run -p lesson-user-io -- --ask    (you answer, while a clock goes on)
//!
//! Count from 100 down to 0. At every multiple of 20 on the way (80, 60, 40, 20
//! and 0) wait two seconds for an input, a number from 1 to 5, and subtract it.
//! Three times with the same inputs: blocking; async and wrong; async and right.
//!
//! Take away: `src/prompt.rs`, which asks until the answer is valid.

mod ask;
mod prompt;

use std::error::Error;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use timing::{Lane, Lesson, say};
use tokio::time::sleep;

/// Where the countdown needs an input. The inputs are below 20: they never jump over one.
const MULTIPLES: [i32; 5] = [80, 60, 40, 20, 0];

/// Each multiple with the input that is subtracted there.
type Inputs = [(i32, i32); 5];

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &["--ask"], |lesson| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().build()?;
        if lesson.has("--ask") {
            return runtime.block_on(ask::act(lesson));
        }
        // Drawn once, so that all three get the same inputs.
        let inputs = MULTIPLES.map(|multiple| (multiple, rand::random_range(1..=5)));
        let one_by_one = blocking(lesson, inputs);
        let together = runtime.block_on(async_and_wrong(lesson, inputs))?;
        runtime.block_on(async_and_right(lesson, inputs))?;
        lesson.speedup("user-io", one_by_one, together, Some(10.76 / 2.01));
        Ok(())
    })
}

/// Everything stands still during a wait, and what comes after it knows the input.
fn blocking(lesson: &Lesson, inputs: Inputs) -> Duration {
    let act = lesson.act("Blocking: wait for each input where it is needed");
    let mut count = 100;
    for (multiple, input) in inputs {
        while count > multiple {
            count -= 1;
        }
        count -= arrive_blocking(input, input_lane(lesson, multiple));
        say!("at {multiple}: the input is {input}, {count} is left");
    }
    act.end(format_args!("ends at {count}: minus the last input"))
}

/// The same lines, but the countdown no longer waits: it is over before the first input
/// arrives, and none of them shortens it any more.
async fn async_and_wrong(lesson: &Lesson, inputs: Inputs) -> Result<Duration, Box<dyn Error>> {
    let act = lesson.act("Async and wrong: ask where it is needed, wait at the end");
    let mut asked = Vec::new();
    let mut count = 100;
    for (multiple, input) in inputs {
        while count > multiple {
            count -= 1;
        }
        asked.push(tokio::spawn(arrive(input, input_lane(lesson, multiple))));
        say!("at {multiple}: asked for the input");
    }
    for task in asked {
        let input = task.await?;
        count -= input;
        say!("an input arrives: it is {input}, {count} is left");
    }
    Ok(act.end(format_args!("ends at {count}: minus the sum of all inputs")))
}

/// Ask early, wait where it is needed: the inputs are awaited together *and* each step
/// knows what it must know. The order of the results is the blocking one again.
async fn async_and_right(lesson: &Lesson, inputs: Inputs) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("Async and right: ask at the start, wait where it is needed");
    let asked = inputs.map(|(multiple, input)| {
        let task = tokio::spawn(arrive(input, input_lane(lesson, multiple)));
        (multiple, task)
    });
    let mut count = 100;
    for (multiple, task) in asked {
        while count > multiple {
            count -= 1;
        }
        let input = task.await?;
        count -= input;
        say!("at {multiple}: the input is {input}, {count} is left");
    }
    act.end(format_args!("ends at {count}: minus the last input"));
    Ok(())
}

/// A pretended input that stops the thread: it takes somebody two seconds to type it.
fn arrive_blocking(input: i32, lane: Lane) -> i32 {
    let _span = lane.waiting("");
    thread::sleep(timing::seconds(2.0));
    input
}

/// The same without stopping the thread: other tasks run meanwhile.
async fn arrive(input: i32, lane: Lane) -> i32 {
    let _span = lane.waiting("");
    sleep(timing::seconds(2.0)).await;
    input
}

fn input_lane(lesson: &Lesson, multiple: i32) -> Lane {
    lesson.lane(format_args!("input at {multiple}"))
}
