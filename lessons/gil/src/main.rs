//! **GIL**: one lock around a whole interpreter; whoever holds it runs.
//!
//! Python: `threading.Thread` under CPython   Rust: `thread::scope`, free
//!
//!     cargo run -p lesson-gil        (14 seconds)
//!
//! CPython's lock, rebuilt: threads that count gain nothing under it, threads that
//! wait do, and it does not protect your data. Beside it the same count on plain
//! threads, and, if there is a `python3`, on that.
//!
//! Take away: `src/gil.rs`.

mod gil;
mod python;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Barrier;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use gil::Gil;
use timing::{Lesson, say};

const STEPS: u64 = 500_000_000;
const SWITCH_INTERVAL: Duration = Duration::from_millis(5);

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &[], |lesson| {
        count_under_the_lock(lesson);
        count_without_it(lesson);
        ten_waits_under_the_lock(lesson);
        account_under_the_lock(lesson);
        count_in_python(lesson);
        Ok(())
    })
}

/// The threads take turns of 5 ms: there is always one running, and never two.
fn count_under_the_lock(lesson: &Lesson) {
    let act = lesson.act("Count down from 500 million under the lock");
    let gil = Gil::new(SWITCH_INTERVAL);
    let (one, two) = on_one_and_two_threads(|thread, steps| {
        let mut running = gil.acquire();
        let _span = lesson.lane(thread).working("in turns");
        count_down(steps, || running.check());
    });
    act.end(compare(one, two));
    lesson.speedup("gil: count under the lock", one, two, Some(3.81 / 3.98));
}

/// Nothing to take turns for: two cores do the work in half the time.
fn count_without_it(lesson: &Lesson) {
    let act = lesson.act("The same on plain threads");
    let (one, two) = on_one_and_two_threads(|thread, steps| {
        let _span = lesson.lane(thread).working("counts");
        count_down(steps, || ());
    });
    act.end(compare(one, two));
    lesson.speedup("gil: count without it", one, two, None);
}

/// A thread that waits for the outside world does not need the interpreter meanwhile.
fn ten_waits_under_the_lock(lesson: &Lesson) {
    let act = lesson.act("Ten waits of a second under the lock");
    let gil = Gil::new(SWITCH_INTERVAL);
    let wait = |thread: String| {
        let mut running = gil.acquire();
        running.release_while(|| {
            let _span = lesson.lane(thread).waiting("");
            thread::sleep(timing::seconds(1.0));
        });
    };
    let threads = || (1..=10).map(|number| format!("thread {number}"));
    let ((), one_by_one) = timing::step("one by one", || threads().for_each(wait));
    let ((), together) = timing::step("on ten threads", || {
        thread::scope(|scope| {
            for thread in threads() {
                scope.spawn(|| wait(thread));
            }
        });
    });
    act.end("waiting needs no lock");
    lesson.speedup("gil: ten waits", one_by_one, together, Some(10.01 / 1.01));
}

/// Check and change are two steps of the interpreter, each safe under the lock. At the
/// till, between them, the thread lets go of it, and the barrier makes sure that all four
/// have checked by then.
fn account_under_the_lock(lesson: &Lesson) {
    let act = lesson.act("Four withdrawals under the lock");
    let gil = Gil::new(SWITCH_INTERVAL);
    let balance = AtomicI64::new(100);
    let all_checked = Barrier::new(4);
    thread::scope(|scope| {
        for amount in [80, 70, 50, 20] {
            let (gil, balance, all_checked) = (&gil, &balance, &all_checked);
            scope.spawn(move || {
                let mut running = gil.acquire();
                if balance.load(Relaxed) >= amount {
                    running.release_while(|| all_checked.wait());
                    let after = balance.fetch_sub(amount, Relaxed) - amount;
                    say!("paid {amount}, the balance is {after}");
                }
            });
        }
    });
    let balance = balance.into_inner();
    act.end(format_args!("the account ends at {balance}"));
}

/// The real lock beside ours, on a hundredth of the steps. Without a `python3` that
/// answers, the lesson goes on.
fn count_in_python(lesson: &Lesson) {
    let act = lesson.act("The real one: python3 counts down from 5 million");
    match python::count() {
        Ok((version, one, two)) => {
            let (one_thread, two_threads) = (timing::pretty(one), timing::pretty(two));
            say!("Python {version}: one thread {one_thread}, two threads {two_threads}");
            act.end(compare(one, two));
        }
        Err(why) => {
            act.end(format_args!("no figures from python3: {why}"));
        }
    }
}

fn count_down(mut n: u64, mut step: impl FnMut()) {
    while n > 0 {
        n -= 1;
        // The compiler must not see that counting down to nothing is good for nothing.
        black_box(());
        step();
    }
}

/// Times all the steps on one thread, then half of them on each of two. The fastest of
/// three tries counts: whatever else the machine does only adds to a time.
fn on_one_and_two_threads(count: impl Fn(&'static str, u64) + Sync) -> (Duration, Duration) {
    let (mut one, mut two) = (Duration::MAX, Duration::MAX);
    for _ in 0..3 {
        let start = Instant::now();
        count("thread 1", STEPS);
        one = one.min(start.elapsed());
        let start = Instant::now();
        thread::scope(|scope| {
            for thread in ["thread 1", "thread 2"] {
                scope.spawn(|| count(thread, STEPS / 2));
            }
        });
        two = two.min(start.elapsed());
    }
    say!("one thread: {}", timing::pretty(one));
    say!("two threads, half each: {}", timing::pretty(two));
    (one, two)
}

fn compare(one: Duration, two: Duration) -> String {
    let share = two.as_secs_f64() / one.as_secs_f64();
    format!("two threads take {share:.2} of the time of one")
}
