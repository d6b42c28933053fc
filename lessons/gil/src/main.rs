//! **GIL**: one lock around a whole interpreter; only the thread that holds it runs.
//!
//! Python: `threading.Thread` under CPython   Rust: `thread::scope`, no such lock
//!
//!     cargo run -p lesson-gil        (15 seconds)
//!
//! CPython's lock, rebuilt: it gives threads that compute no speed-up, it does
//! not slow down threads that wait, and it does not protect your data. Beside it
//! the same count on plain threads, and in the real CPython, if there is a
//! `python3`.
//!
//! Take away: `src/gil.rs`.

mod gil;
mod measure;
mod python;

use std::process::ExitCode;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use gil::Gil;
use measure::{compare, count_down, on_one_and_two_threads};
use timing::{Lane, Lesson, Span, say};

const SWITCH_INTERVAL: Duration = Duration::from_millis(5);

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let act = lesson.act("Count down under the lock");
        let [one, two] = count_under_the_lock(lesson);
        act.end(compare(one, two));
        lesson.speedup("gil: count under the lock", one, two, Some(3.81 / 3.98));

        let act = lesson.act("Count down without it");
        let [one, two] = count_without_it(lesson);
        act.end(compare(one, two));
        lesson.speedup("gil: count without it", one, two, None);

        let act = lesson.act("Ten waits of a second under the lock");
        let [one_by_one, together] = ten_waits(lesson);
        act.end("a thread that waits does not hold the lock");
        lesson.speedup("gil: ten waits", one_by_one, together, Some(10.01 / 1.01));

        let act = lesson.act("Four withdrawals under the lock");
        let balance = four_withdrawals();
        act.end(format_args!("the account ends at {balance}"));

        let act = lesson.act("CPython itself counts down");
        act.end(count_in_python());
        Ok(())
    })
}

/// Two threads take turns of 5 ms: one of them runs at any moment, never both.
fn count_under_the_lock(lesson: &Lesson) -> [Duration; 2] {
    let gil = Gil::new(SWITCH_INTERVAL);
    // For the timeline: whose turn it is, and its span. A new one ends the one before.
    let turn = Mutex::new(None::<(Lane, Span)>);
    let begin_turn = |thread| {
        let (lane, mut turn) = (lesson.lane(thread), turn.lock().unwrap());
        if let Some((before, span)) = turn.take() {
            before.sends("the lock");
            drop(span);
        }
        let span = lane.holding("a turn");
        lane.receives("the lock");
        *turn = Some((lane, span));
    };
    on_one_and_two_threads(|thread, steps| {
        let mut running = gil.acquire();
        begin_turn(thread);
        count_down(steps, || {
            if running.check() {
                begin_turn(thread);
            }
        });
        *turn.lock().unwrap() = None;
    })
}

/// Without the lock both threads run at the same moment, on two cores.
fn count_without_it(lesson: &Lesson) -> [Duration; 2] {
    on_one_and_two_threads(|thread, steps| {
        let _span = lesson.lane(thread).working("counts");
        count_down(steps, || ());
    })
}

/// A thread that waits for the outside world does not need the interpreter, so it
/// releases the lock for that time.
fn ten_waits(lesson: &Lesson) -> [Duration; 2] {
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
    [one_by_one, together]
}

/// Each check and each change is safe under the lock, but the thread releases the lock
/// between the two. The barrier makes all four check before one of them changes.
fn four_withdrawals() -> i64 {
    let gil = Gil::new(SWITCH_INTERVAL);
    let balance = AtomicI64::new(100);
    let all_checked = Barrier::new(4);
    let withdraw = |amount| {
        let mut running = gil.acquire();
        if balance.load(Relaxed) >= amount {
            running.release_while(|| all_checked.wait());
            let after = balance.fetch_sub(amount, Relaxed) - amount;
            say!("paid {amount}, the balance is {after}");
        }
    };
    thread::scope(|scope| {
        for amount in [80, 70, 50, 20] {
            scope.spawn(move || withdraw(amount));
        }
    });
    balance.into_inner()
}

/// On a fiftieth of the steps: each takes CPython about a hundred times as long.
fn count_in_python() -> String {
    let usual = python::count("python3");
    if let Ok(count) = &usual {
        say!("{count}");
    }
    let mut free_threaded = ["python3.14t", "python3.13t"].iter();
    match free_threaded.find_map(|name| python::count(name).ok()) {
        Some(count) => say!("{count}"),
        None => say!("no python3.14t or python3.13t here, which can do without a GIL"),
    }
    match usual {
        Ok(count) => compare(count.one_thread, count.two_threads),
        Err(why) => format!("no figures from python3: {why}"),
    }
}
