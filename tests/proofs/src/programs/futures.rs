//! Threads that run jobs, and who waits for them.

use std::sync::Arc;
use std::time::Duration;

use interleave::{Bounds, End, Id, Notes, Ready, step};

use super::executor::{Executor, Failure};
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
        let executor = Executor::new(1).unwrap();
        let done = Notes::new();
        let handles = [1, 2].map(|job| {
            let done = done.clone();
            executor.submit(move || done.push(job))
        });
        drop(executor);
        match (done.take(), handles.map(|handle| handle.done())) {
            (done, [true, true]) if done == [1, 2] => End::good("all done"),
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

/// Somebody waits, but not for ever, and then for ever.
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
        proof("two workers, a job", &["all results"], jobs(2, 1)),
        proof("dropped with two jobs in it", &["all done"], dropped()),
        proof("a job is cancelled", &["cancelled", "done"], cancelled()),
        proof("a job has a callback", &["called once"], called_back()),
        proof(
            "a wait with a time limit",
            &["in time", "late, but there"],
            waited_for_twice(),
        ),
        proof("the worker panics", &["broken"], broken(1)),
        proof("one of two workers panics", &["done"], broken(2)),
    ]
}
