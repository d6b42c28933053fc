//! One long computation, in this process and split over child processes.

use std::error::Error;
use std::hint::black_box;
use std::thread;
use std::time::Duration;

use timing::{Lesson, say, step};

use crate::children::run_all;

/// Four times Yang's: in Rust his count would take only a seventh of a second.
const BILLIONS: u64 = 2;

/// The count of the lesson gil, in as many processes as there are cores.
pub fn on_all_cores(lesson: &Lesson) -> Result<[Duration; 2], Box<dyn Error>> {
    say!("from {BILLIONS} billion");
    let count = BILLIONS * 1_000_000_000;
    let span = lesson.lane("parent").working("counts down");
    let ((), one) = step("on one process", || count_down(count));
    drop(span);

    let cores = thread::available_parallelism()?.get() as u64;
    let share = || {
        count_down(count / cores);
        Vec::new()
    };
    // On a large machine the timeline shows the first five.
    let lanes = (1..=cores.min(5)).map(|child| lesson.lane(format!("child {child}")));
    let spans: Vec<_> = lanes.map(|lane| lane.working("counts")).collect();
    let (answers, all) = step(format_args!("one process per core ({cores})"), || {
        run_all((0..cores).map(|_| share))
    });
    drop(spans);
    answers?.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok([one, all])
}

fn count_down(mut n: u64) {
    while n > 0 {
        n -= 1;
        black_box(()); // Or the compiler would skip the whole count.
    }
}
