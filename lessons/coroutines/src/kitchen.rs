// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kettle and the toaster.

use std::thread;

use timing::{Lane, Lesson, say};
use tokio::time::sleep;

use crate::event_loop::EventLoop;

pub async fn heat(name: &'static str, lane: Lane) {
    let _span = lane.waiting("heats");
    say!("{name}: on, in {:?}", thread::current().id());
    sleep(timing::seconds(1.0)).await;
    say!("{name}: done, in {:?}", thread::current().id());
}

/// Wrong: it waits by a call that knows nothing of coroutines.
pub async fn heat_blocking(name: &'static str, lane: Lane) {
    let _span = lane.working("blocks");
    say!("{name}: on, and the thread sleeps");
    thread::sleep(timing::seconds(1.0));
    say!("{name}: done");
}

/// Two tasks on our own event loop, with a report of each poll.
pub fn on_our_own_event_loop(lesson: &Lesson) {
    let waits = [("kettle", 1.0), ("toaster", 0.5)];
    let mut event_loop = EventLoop::default();
    for (name, seconds) in waits {
        let (lane, sleep) = (
            lesson.lane(name),
            event_loop.sleep(timing::seconds(seconds)),
        );
        event_loop.spawn(async move {
            say!("{name}: on");
            let _span = lane.waiting("heats");
            sleep.await;
            say!("{name}: done");
        });
    }
    event_loop.run(|number, done| {
        let answer = if done { "ready" } else { "pending" };
        say!("the loop polled the {}: {answer}", waits[number].0);
    });
}
