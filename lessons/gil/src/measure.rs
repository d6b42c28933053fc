//! The count, and how long it takes on one thread and on two.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use timing::{pretty, say};

const STEPS: u64 = 500_000_000;

pub fn count_down(mut n: u64, mut step: impl FnMut()) {
    while n > 0 {
        n -= 1;
        black_box(()); // Or the compiler would skip the whole count.
        step();
    }
}

/// Times all the steps on one thread, then half of them on each of two.
pub fn on_one_and_two_threads(count: impl Fn(&'static str, u64) + Sync) -> [Duration; 2] {
    let on_one = || count("thread 1", STEPS);
    let on_two = || {
        thread::scope(|scope| {
            scope.spawn(|| count("thread 1", STEPS / 2));
            scope.spawn(|| count("thread 2", STEPS / 2));
        });
    };
    let [one, two] = best_times([&on_one, &on_two]);
    say!("one thread: {}", pretty(one));
    say!("two threads, half of the steps each: {}", pretty(two));
    [one, two]
}

/// The best of three times of each work, in both orders: other programs on the machine
/// can only make a run slower.
fn best_times(works: [&dyn Fn(); 2]) -> [Duration; 2] {
    let mut best = [Duration::MAX; 2];
    for work in [0, 1, 1, 0, 0, 1] {
        let start = Instant::now();
        works[work]();
        best[work] = best[work].min(start.elapsed());
    }
    best
}

pub fn compare(one: Duration, two: Duration) -> String {
    let share = two.as_secs_f64() / one.as_secs_f64();
    format!("two threads take {share:.2} of the time of one")
}
