// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! Finds the coroutine that blocks its thread, and with it all other coroutines there.

use std::future::{self, Future};
use std::pin::pin;
use std::time::{Duration, Instant};

/// Runs `task`, and calls `on_late` with its `name` and the time it took whenever one
/// step of it took longer than `limit`.
///
/// A step goes from one suspension to the next: to an `await` that has to wait. One that is
/// ready at once lets nobody else in, and so what comes before it and what comes after it
/// are one step.
///
/// The time is that on the clock: on a machine that is very busy, a task can be late
/// without any fault of its own. A limit of a tenth of a second finds the real ones.
///
/// It tells and does not cure: nothing can interrupt a step, and one that never ends
/// is never reported. Tasks that `task` spawns have to be watched for themselves.
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
