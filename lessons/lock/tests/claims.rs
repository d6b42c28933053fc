//! What the chapter claims, checked.

#[path = "../src/account.rs"]
mod account;

use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use account::{Account, Refusal};

/// Far longer than any test here takes: a test that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(60);

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

/// As `Command::output`, but a program that exceeds the limit is killed, and the test fails.
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

/// What the lesson prints, twenty times faster.
fn output() -> String {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-lock"));
    let output = output_in_time(lesson.env("LESSON_SPEED", "20"));
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The end depends on which till gets the lock first.
#[test]
fn both_ways_end_at_0_10_or_30() {
    let output = output();
    let acts: Vec<_> = output.split("\n\n").collect();
    let ends = [0, 10, 30].map(|end| format!("=> the account ends at {end} "));
    for act in [acts[1], acts[2]] {
        assert!(ends.iter().any(|end| act.contains(end)), "{output}");
    }
}

/// A busy machine can spoil a run, but not three in a row.
#[test]
fn holding_the_lock_for_less_takes_one_wait_instead_of_two() {
    let speedup = || -> f64 {
        let output = output();
        let (_, speedup) = output.rsplit_once("speed-up ").unwrap();
        speedup.trim_end().trim_end_matches('x').parse().unwrap()
    };
    let speedups = [speedup(), speedup(), speedup()];
    assert!(
        speedups.iter().any(|speedup| (1.5..3.0).contains(speedup)),
        "{speedups:?}"
    );
}

#[test]
fn a_lock_released_between_check_and_change_is_the_race_again() {
    let output = output();
    let act = output.split("\n\n").nth(3).unwrap();
    assert!(act.contains("=> the account ends at -120 "), "{output}");
}

#[test]
fn after_a_panic_the_next_till_is_refused() {
    let output = output();
    assert!(
        output.contains("till 2: refused 70, the lock is poisoned"),
        "{output}"
    );
}

#[test]
fn never_below_zero_and_never_more_paid_out_than_was_there() {
    in_time(|| {
        for round in 0..200 {
            let account = Account::new(100);
            let paid_out = AtomicI64::new(0);
            thread::scope(|scope| {
                for amount in [80, 70, 50, 20] {
                    let (account, paid_out) = (&account, &paid_out);
                    scope.spawn(move || {
                        let paid = if (round + amount / 10) % 2 == 0 {
                            account.withdraw(amount, || ())
                        } else {
                            account.withdraw_holding_lock(amount, || ())
                        };
                        if let Ok(balance) = paid {
                            assert!(balance >= 0);
                            paid_out.fetch_add(amount.into(), SeqCst);
                        }
                    });
                }
            });
            let balance = account.balance().unwrap();
            assert!([0, 10, 30].contains(&balance), "{balance}");
            assert_eq!(balance + paid_out.into_inner(), 100);
        }
    });
}

/// The lock is free during `at_till`: another withdrawal can run.
#[test]
fn the_till_waits_outside_the_lock() {
    in_time(|| {
        let account = Account::new(100);
        let outcome = account.withdraw(80, || {
            assert_eq!(account.withdraw(20, || ()), Ok(0));
            assert_eq!(account.withdraw(1, || ()), Err(Refusal::TooSmall(0)));
        });
        assert_eq!(outcome, Ok(20));
    });
}
