//! Threads that run jobs, and who waits for them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use interleave::{Bounds, End, Id, Notes, Ready, step};

use super::executor::{Executor, Failure, Outcome, as_completed};
use crate::proof::{Program, Proof};

const BOUNDS: Bounds = Bounds {
    spurious: 1,
    reduce: true,
    ..Bounds::NONE
};

/// Jobs that return their numbers; all are waited for.
fn jobs(workers: usize, jobs: u32) -> Program {
    Program::new(BOUNDS, move || {
        let executor = Executor::new(workers).unwrap();
        let handles: Vec<_> = (0..jobs).map(|job| executor.submit(move || job)).collect();
        let results: Vec<_> = handles.into_iter().map(|handle| handle.result()).collect();
        drop(executor);
        if results == (0..jobs).map(Ok).collect::<Vec<_>>() {
            End::good("all results")
        } else {
            End::bad(format!("{results:?}"))
        }
    })
}

/// The executor is dropped at once. Each job has been done by then.
fn dropped() -> Program {
    Program::new(BOUNDS, || {
        let executor = Executor::new(2).unwrap();
        let done = Notes::new();
        let handles = [1, 2].map(|job| {
            let done = done.clone();
            executor.submit(move || done.push(job))
        });
        drop(executor);
        match (done.take(), handles.map(|handle| handle.done())) {
            (done, [true, true]) if done == [1, 2] => End::good("in order"),
            (done, [true, true]) if done == [2, 1] => End::good("the other way round"),
            (done, told) => End::bad(format!("{done:?} {told:?}")),
        }
    })
}

/// A job is cancelled while a worker may be taking it.
fn cancelled() -> Program {
    Program::new(BOUNDS, || {
        let executor = Executor::new(1).unwrap();
        let begun = Notes::new();
        let notes = begun.clone();
        let handle = executor.submit(move || notes.push(()));
        let cancelled = handle.cancel();
        let result = handle.result();
        drop(executor);
        match (cancelled, result, begun.take().len()) {
            (true, Err(Failure::Cancelled), 0) => End::good("cancelled"),
            (false, Ok(()), 1) => End::good("done"),
            other => End::bad(format!("{other:?}")),
        }
    })
}

/// A callback comes while the job may be ending.
fn called_back() -> Program {
    Program::new(BOUNDS, || {
        let executor = Executor::new(1).unwrap();
        let calls = Notes::new();
        let notes = calls.clone();
        executor
            .submit(|| 7)
            .on_done(move |outcome| notes.push(outcome));
        drop(executor);
        match calls.take().as_slice() {
            [Ok(7)] => End::good("called once"),
            calls => End::bad(format!("{calls:?}")),
        }
    })
}

/// A wait with a limit, and then one without.
fn waited_for_twice() -> Program {
    let bounds = Bounds {
        timeouts: 1,
        ..BOUNDS
    };
    Program::new(bounds, || {
        let executor = Executor::new(1).unwrap();
        let handle = executor.submit(|| 7);
        match handle.result_timeout(Duration::from_secs(1)) {
            Ok(Ok(7)) => End::good("in time"),
            Ok(outcome) => End::bad(format!("{outcome:?}")),
            Err(handle) => match handle.result() {
                Ok(7) => End::good("late, but there"),
                outcome => End::bad(format!("{outcome:?}")),
            },
        }
    })
}

/// The worker is gone before its first job, or the first of two is.
fn broken(workers: usize) -> Program {
    Program::new(BOUNDS, move || {
        let first = Arc::new(real_std::sync::atomic::AtomicBool::new(true));
        let init = move || {
            step(|| "begin".into(), Ready::Always, &[Id::ALL]);
            let first = first.swap(false, real_std::sync::atomic::Ordering::SeqCst);
            assert!(!first, "no licence for this worker");
        };
        let executor = Executor::with_init(workers, init).unwrap();
        let outcome = executor.submit(|| 7).result();
        drop(executor);
        match outcome {
            Ok(7) if workers > 1 => End::good("done"),
            Err(Failure::Broken) if workers == 1 => End::good("broken"),
            outcome => End::bad(format!("{outcome:?}")),
        }
    })
}

/// A time limit that is never over: whatever wakes the one who waits, he waits on.
fn waited_for_in_time() -> Program {
    Program::new(BOUNDS, || {
        let executor = Executor::new(1).unwrap();
        let outcome = executor.submit(|| 7).result_timeout(Duration::MAX);
        drop(executor);
        match outcome {
            Ok(Ok(7)) => End::good("in time"),
            Ok(outcome) => End::bad(format!("{outcome:?}")),
            Err(_) => End::bad("too early"),
        }
    })
}

/// A job panics, then a callback does. The worker goes on with the next job.
fn panics() -> Program {
    Program::new(BOUNDS, || {
        let executor = Executor::new(1).unwrap();
        let panics = executor.submit(|| panic!("out of {}", "paper"));
        let called_back = executor.submit(|| 7);
        // If the outcome is there, that is on this thread.
        let callback = || called_back.on_done(|_| panic!("nobody at home"));
        _ = catch_unwind(AssertUnwindSafe(callback));
        let next = executor.submit(|| 8).result();
        let panics: Outcome<()> = panics.result();
        drop(executor);
        match (panics, next) {
            (Err(Failure::Panicked(message)), Ok(8)) if message == "out of paper" => {
                End::good("the worker goes on")
            }
            other => End::bad(format!("{other:?}")),
        }
    })
}

/// A job has the executor, and may be the last to have it.
fn dropped_by_a_job() -> Program {
    Program::new(BOUNDS, || {
        let executor = Arc::new(Executor::new(1).unwrap());
        let inside = Arc::clone(&executor);
        let handle = executor.submit(move || drop(inside));
        drop(executor);
        match handle.result() {
            Ok(()) => End::good("done"),
            outcome => End::bad(format!("{outcome:?}")),
        }
    })
}

/// What is done or broken cannot be cancelled any more.
fn cancelled_late(works: bool) -> Program {
    Program::new(BOUNDS, move || {
        let init = move || {
            step(|| "begin".into(), Ready::Always, &[Id::ALL]);
            assert!(works, "no licence for this worker");
        };
        let executor = Executor::with_init(1, init).unwrap();
        let handle = executor.submit(|| 7);
        let done = handle.done();
        let cancelled = handle.cancel();
        match (done, cancelled, handle.result()) {
            (false, true, Err(Failure::Cancelled)) => End::good("cancelled"),
            (_, false, Ok(7)) if works => End::good("done"),
            (_, false, Err(Failure::Broken)) if !works => End::good("broken"),
            other => End::bad(format!("{other:?}")),
        }
    })
}

/// The handles' outcomes as they come, of a job that ends well and one that panics.
fn completed() -> Program {
    Program::new(BOUNDS, move || {
        let executor = Executor::new(1).unwrap();
        let handles = [7, 8].map(|job| {
            executor.submit(move || match job {
                7 => job,
                _ => panic!("out of paper"),
            })
        });
        let mut outcomes = as_completed(handles);
        let both = [outcomes.next(), outcomes.next()];
        let end = outcomes.next();
        drop(executor);
        let panicked = |outcome: &Outcome<_>| matches!(outcome, Err(Failure::Panicked(_)));
        match (both, end) {
            ([Some((0, Ok(7))), Some((1, other))], None) if panicked(&other) => {
                End::good("in order")
            }
            other => End::bad(format!("{other:?}")),
        }
    })
}

/// The system may have no thread for the second worker, or not even for the first.
fn refused() -> Program {
    let bounds = Bounds {
        failures: 1,
        ..BOUNDS
    };
    Program::new(bounds, || {
        let begun = Notes::new();
        let notes = begun.clone();
        match Executor::with_init(2, move || notes.push(())) {
            Err(_) => {
                // Those that were started are gone by now.
                match begun.take().len() {
                    0 => End::good("refused at once"),
                    1 => End::good("refused later"),
                    other => End::bad(format!("{other} workers")),
                }
            }
            Ok(executor) => {
                drop(executor);
                match begun.take().len() {
                    2 => End::good("two workers"),
                    other => End::bad(format!("{other} workers")),
                }
            }
        }
    })
}

/// Without workers, and after the last one.
fn nobody_there() -> Program {
    Program::new(BOUNDS, || {
        let init = || {
            step(|| "begin".into(), Ready::Always, &[Id::ALL]);
            panic!("no licence for this worker")
        };
        let executor = Executor::with_init(1, init).unwrap();
        let calls = Notes::new();
        let notes = calls.clone();
        executor
            .submit(|| 7)
            .on_done(move |outcome| notes.push(outcome));
        drop(executor);
        match calls.take().as_slice() {
            [Err(Failure::Broken)] => End::good("called once"),
            calls => End::bad(format!("{calls:?}")),
        }
    })
}

pub fn proofs() -> Vec<Proof> {
    let proof = |what, ends, program| Proof {
        lesson: "futures",
        file: "executor.rs",
        what,
        ends,
        wrong: false,
        programs: vec![program],
    };
    vec![
        proof("one worker, two jobs", &["all results"], jobs(1, 2)),
        proof("two workers, two jobs", &["all results"], jobs(2, 2)),
        proof(
            "dropped with two jobs in it",
            &["in order", "the other way round"],
            dropped(),
        ),
        proof("a job is cancelled", &["cancelled", "done"], cancelled()),
        proof("a job has a callback", &["called once"], called_back()),
        proof(
            "a wait with a time limit",
            &["in time", "late, but there"],
            waited_for_twice(),
        ),
        proof("the worker panics", &["broken"], broken(1)),
        proof("one of two workers panics", &["done"], broken(2)),
        proof(
            "a limit that is never over",
            &["in time"],
            waited_for_in_time(),
        ),
        proof(
            "a job and a callback panic",
            &["the worker goes on"],
            panics(),
        ),
        proof("dropped by a job", &["done"], dropped_by_a_job()),
        proof(
            "cancelled late",
            &["cancelled", "done"],
            cancelled_late(true),
        ),
        proof(
            "cancelled, and broken",
            &["cancelled", "broken"],
            cancelled_late(false),
        ),
        proof("one worker, as completed", &["in order"], completed()),
        proof("a callback, and broken", &["called once"], nobody_there()),
        proof(
            "a thread is refused",
            &["refused at once", "refused later", "two workers"],
            refused(),
        ),
    ]
}
