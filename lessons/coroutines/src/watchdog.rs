// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! Finds the coroutine that blocks its thread, and with it all other coroutines of the thread.

use std::future::{self, Future};
use std::pin::pin;
use std::time::{Duration, Instant};

/// Runs `task`, and calls `on_late` with its `name` and the time for each step that took
/// longer than `limit`.
///
/// A step is one poll: it goes from one suspension to the next. An `await` whose future is
/// ready at once does not suspend, so the code before it and after it is one step.
///
/// The time is wall-clock time: on a very busy machine a step can be late without blocking.
/// A limit of a tenth of a second finds the real cases.
///
/// It reports, and changes nothing: a step cannot be interrupted, and a step that never ends
/// is never reported. Tasks that `task` spawns need a `watched` of their own.
pub async fn watched<F: Future>(
    name: &str,
    limit: Duration,
    mut on_late: impl FnMut(&str, Duration),
    task: F,
) -> F::Output {
    let mut task = pin!(task);
    future::poll_fn(|context| {
        let start = Instant::now();
        let progress = task.as_mut().poll(context);
        let took = start.elapsed();
        if took > limit {
            on_late(name, took);
        }
        progress
    })
    .await
}
