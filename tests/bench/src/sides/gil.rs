//! Counting under one lock for all, and without it.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use super::{Outcome, Side, seconds};
use crate::cores::pin;
use crate::pieces::gil::Gil;

const STEPS: u64 = 200_000_000;

pub const SIDES: &[Side] = &[("gil", under_the_lock), ("gil-bare", bare)];

fn under_the_lock() -> Outcome {
    let gil = Gil::new(Duration::from_millis(5));
    let under = |steps| {
        let mut running = gil.acquire();
        count_down(steps, || _ = running.check());
    };
    let free = |steps| count_down(steps, || ());
    let (locked_one, locked_two) = on_one_and_two_threads(under);
    let (free_one, free_two) = on_one_and_two_threads(free);
    Ok(vec![
        ("under", locked_two / locked_one),
        ("free", free_two / free_one),
        ("check_ns", (locked_one - free_one) * 1e9 / STEPS as f64),
    ])
}

/// Two threads without a lock: on one core, where only one of them runs at a time, and on two.
fn bare() -> Outcome {
    let free = |steps| count_down(steps, || ());
    let (one, two) = on_one_and_two_threads(free);
    pin(0)?;
    let (alone, together) = on_one_and_two_threads(free);
    Ok(vec![("under", together / alone), ("free", two / one)])
}

fn count_down(mut n: u64, mut step: impl FnMut()) {
    while n > 0 {
        n -= 1;
        // The compiler must not see that counting down to nothing is good for nothing.
        black_box(());
        step();
    }
}

/// The fastest of three tries: whatever else the machine does only adds to a time.
fn on_one_and_two_threads(count: impl Fn(u64) + Sync) -> (f64, f64) {
    let (mut one, mut two) = (f64::MAX, f64::MAX);
    for _ in 0..3 {
        one = one.min(seconds(|| count(STEPS)));
        two = two.min(seconds(|| {
            thread::scope(|scope| {
                scope.spawn(|| count(STEPS / 2));
                scope.spawn(|| count(STEPS / 2));
            });
        }));
    }
    (one, two)
}
