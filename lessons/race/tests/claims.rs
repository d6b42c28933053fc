//! What the chapter claims, checked.

#[path = "../src/account.rs"]
mod account;
#[path = "../src/racy_account.rs"]
mod racy_account;

use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use account::Account;
use racy_account::RacyAccount;

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

/// What the lesson prints at the given speed.
fn output(speed: &str) -> String {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-race"));
    let output = output_in_time(lesson.env("LESSON_SPEED", speed));
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn one_after_another_ends_at_0_with_two_refusals() {
    let output = output("20");
    let (first_act, _) = output.split_once("\n2. ").unwrap();
    assert!(first_act.contains("=> the account ends at 0 "), "{output}");
    assert_eq!(first_act.matches("refused").count(), 2, "{output}");
}

#[test]
fn at_once_in_two_steps_ends_at_minus_120_at_any_speed() {
    for speed in ["20", "100", "1000"] {
        let output = output(speed);
        assert!(output.contains("=> the account ends at -120 "), "{output}");
    }
}

#[test]
fn at_once_in_one_step_ends_at_0_10_or_30() {
    let output = output("100");
    let (_, third_act) = output.split_once("\n3. ").unwrap();
    let ends = [0, 10, 30].map(|end| format!("=> the account ends at {end} "));
    assert!(ends.iter().any(|end| third_act.contains(end)), "{output}");
}

/// The one schedule that matters, by construction: the other withdrawal runs entirely
/// between the check and the change of this one. So `at_till` of a refused one can have run.
#[test]
fn another_withdrawal_between_check_and_change() {
    in_time(|| {
        let account = Account::new(100);
        let outcome = account.withdraw(80, || assert_eq!(account.withdraw(70, || ()), Ok(30)));
        assert_eq!(outcome, Err(30));
        assert_eq!(account.balance(), 30);

        let account = RacyAccount::new(100);
        let outcome = account.withdraw(80, || assert_eq!(account.withdraw(70, || ()), Ok(30)));
        assert_eq!(outcome, Ok(-50));
        assert_eq!(account.balance(), -50);
    });
}

#[test]
fn if_the_first_check_fails_at_till_does_not_run() {
    in_time(|| {
        let refused = Account::new(50).withdraw(80, || panic!("at the till"));
        assert_eq!(refused, Err(50));
    });
}

/// The loop of the piece does what `try_update` of `std` does.
#[test]
fn try_update_does_the_same() {
    in_time(|| {
        let with_std = |balance: u32, amount: u32| {
            let balance = AtomicI64::new(balance.into());
            let amount = i64::from(amount);
            let before = balance.try_update(Relaxed, Relaxed, |balance| {
                (balance >= amount).then_some(balance - amount)
            });
            (before.map(|before| before - amount), balance.into_inner())
        };
        for (balance, amount) in [(100, 80), (100, 100), (100, 101), (0, 0), (0, u32::MAX)] {
            let account = Account::new(balance);
            let outcome = account.withdraw(amount, || ());
            assert_eq!((outcome, account.balance()), with_std(balance, amount));
        }
    });
}
