//! What the chapter claims, checked.

#[path = "../src/executor.rs"]
mod executor;

use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use executor::{Executor, Failure, Handle, Outcome, as_completed};

/// Far longer than anything here takes: what is not over by then hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// What takes longer than two of those, one after the other, hangs.
const LIMIT: Duration = Duration::from_secs(70);

/// Fails if `test` has not ended within the limit, instead of hanging with it.
#[track_caller]
fn in_time(test: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let test = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    let result = wait.recv_timeout(LIMIT);
    assert_ne!(result, Err(RecvTimeoutError::Timeout), "it hangs");
    test.join().unwrap();
}

/// As `Command::output`, but what has not ended within the limit is killed, and a failure.
fn output_in_time(command: &mut Command) -> Output {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let id = child.id().to_string();
    let (sender, output) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let output = output.recv_timeout(LIMIT).unwrap_or_else(|_| {
        let killed = Command::new("kill").args(["-KILL", &id]).status();
        panic!("{command:?} hangs; killed: {killed:?}");
    });
    output.unwrap()
}

/// What the lesson prints, ten times faster: one run for all the tests.
fn output() -> &'static str {
    static OUTPUT: LazyLock<String> = LazyLock::new(|| {
        let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-futures"));
        let output = output_in_time(lesson.env("LESSON_SPEED", "10"));
        assert!(output.status.success(), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    });
    &OUTPUT
}

fn act(number: usize) -> &'static str {
    output().split("\n\n").nth(number).unwrap()
}

/// The outcome, or the end of the test if there is none for too long.
#[track_caller]
fn outcome<T>(handle: Handle<T>) -> Outcome<T> {
    let outcome = handle.result_timeout(PATIENCE);
    outcome.unwrap_or_else(|_| panic!("there is no outcome"))
}

/// A job that ends when it is told to, and brings back what it was told.
fn gated(pool: &Executor) -> (mpsc::Sender<u32>, Handle<u32>) {
    let (gate, opened) = mpsc::channel();
    let handle = pool.submit(move || opened.recv_timeout(PATIENCE).unwrap());
    (gate, handle)
}

#[test]
fn two_workers_take_half_the_time_of_one() {
    let (_, speedup) = output().rsplit_once("speed-up ").unwrap();
    let (speedup, _) = speedup.split_once('x').unwrap();
    let speedup: f64 = speedup.parse().unwrap();
    assert!((1.3..3.5).contains(&speedup), "{}", output());
}

#[test]
fn without_a_wait_the_list_is_empty() {
    for number in [1, 2] {
        let act = act(number);
        assert!(act.contains("main does not wait: []\n"), "{act}");
        let waited = act
            .lines()
            .find(|line| line.contains("main has waited"))
            .unwrap();
        let jobs = ["letter", "poster"].map(|job| waited.matches(job).count());
        assert_eq!(jobs, [1, 1], "{act}");
        assert_eq!(waited.matches("\"worker ").count(), 2, "{act}");
    }
}

#[test]
fn completed_by_duration_and_in_the_order_of_submission() {
    for number in [4, 9] {
        let act = act(number);
        let names = |order: &str| -> Vec<_> {
            let lines = act
                .lines()
                .filter_map(|line| line.trim().strip_prefix(order));
            lines.map(|line| line.split(' ').next().unwrap()).collect()
        };
        assert_eq!(
            names("as completed: "),
            ["letter", "photo", "poster"],
            "{act}"
        );
        assert_eq!(
            names("as submitted: "),
            ["poster", "letter", "photo"],
            "{act}"
        );
    }
}

#[test]
fn a_time_out_leaves_the_job_going() {
    let pool = act(3);
    assert!(pool.contains("not within the limit"), "{pool}");
    assert!(
        pool.contains("called, on worker 1: Ok(\"letter\")"),
        "{pool}"
    );
    let task = act(8);
    assert!(task.contains("late is true, done is false"), "{task}");
    assert!(task.contains("called, on main: Ok(\"letter\")"), "{task}");
}

/// The future is dropped at its `await`, and cleans up; the second page is never printed.
#[test]
fn what_is_cancelled_takes_no_further_step() {
    assert!(!act(5).contains("never printed"), "{}", act(5));
    for (number, job) in [(8, "poster"), (10, "letter")] {
        let act = act(number);
        let stopped = format!("{job}: page 1, on main\n   {job}: the printer is free again\n");
        assert!(act.contains(&stopped), "{act}");
        assert!(!act.contains("page 2"), "{act}");
    }
    let act = act(10);
    assert!(act.contains("photo: printed to its end, on tokio"), "{act}");
    assert!(
        act.contains("photo, aborted on its thread: cancelled is false"),
        "{act}"
    );
}

#[test]
fn a_future_does_nothing_until_it_is_awaited() {
    assert!(
        act(7).contains("not begun\n   awaited: letter"),
        "{}",
        act(7)
    );
}

#[test]
fn a_panic_is_an_outcome() {
    let [pool, task] = [act(6), act(11)];
    assert!(
        pool.contains("poster: Err(Panicked(\"out of paper\"))"),
        "{pool}"
    );
    assert!(pool.contains("photo: Err(Broken)"), "{pool}");
    assert!(task.contains("poster: panicked is true"), "{task}");
}

#[test]
fn a_handle_that_timed_out_can_be_waited_for_again() {
    in_time(|| {
        let pool = Executor::new(1).unwrap();
        let (gate, handle) = gated(&pool);
        assert!(!handle.done());
        let handle = handle.result_timeout(Duration::from_millis(1)).unwrap_err();
        gate.send(7).unwrap();
        assert_eq!(outcome(handle), Ok(7));
    });
}

#[test]
fn result_waits_for_the_outcome() {
    in_time(|| {
        let pool = Executor::new(1).unwrap();
        let (gate, handle) = gated(&pool);
        let (sender, outcomes) = mpsc::channel();
        thread::spawn(move || sender.send(handle.result()));
        assert!(outcomes.try_recv().is_err());
        gate.send(7).unwrap();
        assert_eq!(outcomes.recv_timeout(PATIENCE), Ok(Ok(7)));
    });
}

#[test]
fn done_when_it_is() {
    in_time(|| {
        let pool = Executor::new(1).unwrap();
        let handle = pool.submit(|| 7);
        // One worker: when the second job has an outcome, so has the first.
        assert_eq!(outcome(pool.submit(|| 8)), Ok(8));
        assert!(handle.done());
        assert_eq!(outcome(handle), Ok(7));
    });
}

/// Each job ends only when the outcome of the one before it has been seen.
#[test]
fn outcomes_come_as_they_complete() {
    in_time(|| {
        let pool = Executor::new(3).unwrap();
        let (gates, handles): (Vec<_>, Vec<_>) = (0..3).map(|_| gated(&pool)).unzip();
        let mut outcomes = as_completed(handles);
        for place in [2, 0, 1] {
            gates[place].send(place as u32 * 10).unwrap();
            assert_eq!(outcomes.next(), Some((place, Ok(place as u32 * 10))));
        }
        assert_eq!(outcomes.next(), None);
    });
}

#[test]
fn ten_thousand_jobs_each_have_their_own_outcome() {
    in_time(|| {
        let pool = Executor::new(4).unwrap();
        let handles: Vec<_> = (0..10_000)
            .map(|job| pool.submit(move || job * 2))
            .collect();
        let mut outcomes: Vec<_> = as_completed(handles).collect();
        outcomes.sort_by_key(|(place, _)| *place);
        let expected: Vec<_> = (0..10_000).map(|job| (job, Ok(job * 2))).collect();
        assert_eq!(outcomes, expected);
    });
}

#[test]
fn only_what_has_not_begun_can_be_cancelled() {
    in_time(|| {
        let pool = Executor::new(1).unwrap();
        let (has_begun, begun) = mpsc::channel();
        let (gate, opened) = mpsc::channel();
        let running = pool.submit(move || {
            has_begun.send(()).unwrap();
            opened.recv_timeout(PATIENCE).unwrap()
        });
        let waiting = pool.submit(|| panic!("it was cancelled"));
        begun.recv_timeout(PATIENCE).unwrap();
        assert!(!running.cancel());
        assert!(waiting.cancel() && waiting.cancel() && waiting.done());
        gate.send(7).unwrap();
        assert_eq!(outcome(running), Ok(7));
        // The worker comes to it, and passes it by.
        assert_eq!(outcome(pool.submit(|| 8)), Ok(8));
        assert_eq!(outcome::<()>(waiting), Err(Failure::Cancelled));
    });
}

/// Also when its outcome is gone before the worker comes to it.
#[test]
fn what_is_cancelled_never_begins() {
    in_time(|| {
        let pool = Executor::new(1).unwrap();
        let (gate, running) = gated(&pool);
        let begun = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&begun);
        let asked = pool.submit(move || counter.fetch_add(1, SeqCst));
        let counter = Arc::clone(&begun);
        let forgotten = pool.submit(move || counter.fetch_add(1, SeqCst));
        assert!(asked.cancel() && forgotten.cancel());
        assert_eq!(outcome(asked), Err(Failure::Cancelled));
        drop(forgotten);
        gate.send(7).unwrap();
        assert_eq!(outcome(running), Ok(7));
        drop(pool);
        assert_eq!(begun.load(SeqCst), 0);
    });
}

#[test]
fn a_done_job_cannot_be_cancelled() {
    in_time(|| {
        let pool = Executor::new(1).unwrap();
        let handle = pool.submit(|| 7);
        assert_eq!(outcome(pool.submit(|| 8)), Ok(8));
        assert!(!handle.cancel());
        assert_eq!(outcome(handle), Ok(7));
    });
}

#[test]
fn a_worker_lives_on_after_a_panic() {
    in_time(|| {
        let pool = Executor::new(1).unwrap();
        let worker = outcome(pool.submit(|| thread::current().id()));
        let job = 3;
        let panics: [Box<dyn FnOnce() + Send>; 3] = [
            Box::new(|| panic!("no paper")),
            Box::new(move || panic!("no paper for job {job}")),
            Box::new(move || std::panic::panic_any(job)),
        ];
        let messages = ["no paper", "no paper for job 3", "no message"];
        for (panics, message) in panics.into_iter().zip(messages) {
            let panicked = Err(Failure::Panicked(message.into()));
            assert_eq!(outcome(pool.submit(panics)), panicked);
        }
        assert_eq!(outcome(pool.submit(|| thread::current().id())), worker);
    });
}

#[test]
fn a_callback_gets_the_outcome_before_or_after_the_end() {
    in_time(|| {
        let pool = Executor::new(1).unwrap();
        let (sender, outcomes) = mpsc::channel();
        let call = |sender: &mpsc::Sender<_>| {
            let sender = sender.clone();
            move |outcome| sender.send((outcome, thread::current().id())).unwrap()
        };
        let worker = outcome(pool.submit(|| thread::current().id())).unwrap();
        let (gate, before) = gated(&pool);
        before.on_done(call(&sender));
        gate.send(7).unwrap();
        assert_eq!(outcomes.recv_timeout(PATIENCE), Ok((Ok(7), worker)));

        let after = pool.submit(|| 8);
        assert_eq!(outcome(pool.submit(|| 9)), Ok(9));
        after.on_done(call(&sender));
        assert_eq!(outcomes.try_recv(), Ok((Ok(8), thread::current().id())));
    });
}

#[test]
fn a_worker_lives_on_after_a_callback_that_panics() {
    in_time(|| {
        let pool = Executor::new(1).unwrap();
        let (gate, handle) = gated(&pool);
        handle.on_done(|_| panic!("no answer"));
        gate.send(7).unwrap();
        assert_eq!(outcome(pool.submit(|| 8)), Ok(8));
    });
}

/// Its drop panics, with another one.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        std::panic::panic_any(Bomb);
    }
}

/// What a job returns, panics with, captures, or leaves to a callback may panic in turn.
#[test]
fn a_worker_lives_on_after_a_value_that_panics_when_it_is_dropped() {
    in_time(|| {
        let pool = Executor::new(1).unwrap();
        let worker = outcome(pool.submit(|| thread::current().id()));

        let panicked = pool.submit(|| -> u8 { std::panic::panic_any(Bomb) });
        assert_eq!(
            outcome(panicked),
            Err(Failure::Panicked("no message".into()))
        );
        // Their handles are gone before they end: the worker drops what they return.
        let (gate, running) = gated(&pool);
        drop(pool.submit(|| Bomb));
        pool.submit(|| 7).on_done(|_| std::panic::panic_any(Bomb));
        let captured = Bomb;
        let cancelled = pool.submit(move || drop(captured));
        assert!(cancelled.cancel());
        gate.send(7).unwrap();
        assert_eq!(outcome(running), Ok(7));
        assert_eq!(outcome(cancelled), Err(Failure::Cancelled));
        assert_eq!(outcome(pool.submit(|| thread::current().id())), worker);
    });
}

/// Two of them would end the program, if their panics met.
#[test]
fn a_broken_pool_survives_what_its_jobs_captured() {
    in_time(|| {
        let (gate, opened) = mpsc::channel::<()>();
        let opened = Arc::new(std::sync::Mutex::new(opened));
        let pool = Executor::with_init(1, move || {
            let _ = opened.lock().unwrap().recv_timeout(PATIENCE);
            std::panic::panic_any(Bomb);
        });
        let pool = pool.unwrap();
        let jobs: [_; 3] = std::array::from_fn(|_| {
            let captured = Bomb;
            pool.submit(move || drop(captured))
        });
        let captured = Bomb;
        let called = pool.submit(move || drop(captured));
        called.on_done(|_| std::panic::panic_any(Bomb));
        drop(gate);
        for job in jobs {
            assert_eq!(outcome(job), Err(Failure::Broken));
        }
        drop(pool);
    });
}

#[test]
fn a_broken_job_cannot_be_cancelled() {
    in_time(|| {
        let handle = Executor::new(0).unwrap().submit(|| 7);
        assert!(handle.done() && !handle.cancel());
        assert_eq!(outcome(handle), Err(Failure::Broken));
    });
}

#[test]
fn debug_tells_how_far_it_is() {
    in_time(|| {
        let pool = Executor::new(1).unwrap();
        let (gate, handle) = gated(&pool);
        assert_eq!(format!("{pool:?}"), "Executor { workers: 1, .. }");
        assert_eq!(format!("{handle:?}"), "Handle { done: false, .. }");
        gate.send(7).unwrap();
        assert_eq!(outcome(handle), Ok(7));
    });
}

/// Its jobs are told, also those that wait, those with a callback and those to come.
#[test]
fn a_broken_pool_leaves_no_caller_waiting() {
    in_time(|| {
        let (gate, opened) = mpsc::channel::<()>();
        let opened = Arc::new(std::sync::Mutex::new(opened));
        let pool = Executor::with_init(1, move || {
            // It lives until its jobs are queued.
            let _ = opened.lock().unwrap().recv_timeout(PATIENCE);
            panic!("out of ink");
        });
        let pool = pool.unwrap();
        let waited_for = pool.submit(|| 7);
        let (sender, outcomes) = mpsc::channel();
        pool.submit(|| 8)
            .on_done(move |outcome| sender.send(outcome).unwrap());
        let cancelled = pool.submit(|| 9);
        assert!(cancelled.cancel());
        drop(gate);
        assert_eq!(outcome(waited_for), Err(Failure::Broken));
        assert_eq!(outcomes.recv_timeout(PATIENCE), Ok(Err(Failure::Broken)));
        assert_eq!(outcome(cancelled), Err(Failure::Cancelled));
        assert_eq!(outcome(pool.submit(|| 10)), Err(Failure::Broken));
    });
}

#[test]
fn the_last_worker_does_the_work_of_all() {
    in_time(|| {
        let calls = Arc::new(AtomicU32::new(0));
        let pool = Executor::with_init(3, move || {
            assert!(calls.fetch_add(1, SeqCst) == 0, "out of ink");
        });
        let pool = pool.unwrap();
        let handles: Vec<_> = (0..100).map(|job| pool.submit(move || job)).collect();
        for (job, handle) in handles.into_iter().enumerate() {
            assert_eq!(outcome(handle), Ok(job));
        }
    });
}

#[test]
fn without_workers_every_job_is_broken() {
    in_time(|| {
        let pool = Executor::new(0).unwrap();
        assert_eq!(outcome(pool.submit(|| 7)), Err(Failure::Broken));
    });
}

#[test]
fn dropping_the_pool_waits_for_its_jobs() {
    in_time(|| {
        let pool = Executor::new(2).unwrap();
        let done = Arc::new(AtomicU32::new(0));
        for _ in 0..100 {
            let done = Arc::clone(&done);
            // Its handle is dropped, and it runs all the same.
            drop(pool.submit(move || done.fetch_add(1, SeqCst)));
        }
        drop(pool);
        assert_eq!(done.load(SeqCst), 100);
    });
}

#[test]
fn a_job_may_drop_its_own_pool() {
    in_time(|| {
        let pool = Arc::new(Executor::new(1).unwrap());
        let (gate, opened) = mpsc::channel();
        let inside = Arc::clone(&pool);
        let last = pool.submit(move || {
            opened.recv_timeout(PATIENCE).unwrap();
            drop(inside);
            7
        });
        drop(pool);
        gate.send(()).unwrap();
        assert_eq!(outcome(last), Ok(7));
    });
}
