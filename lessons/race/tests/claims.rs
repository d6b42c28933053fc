//! What the chapter claims, checked.

#[path = "../src/account.rs"]
mod account;
#[path = "../src/racy_account.rs"]
mod racy_account;

use std::process::Command;

use account::Account;
use racy_account::RacyAccount;

/// What the lesson prints at the given speed.
fn output(speed: &str) -> String {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-race"));
    let output = lesson.env("LESSON_SPEED", speed).output().unwrap();
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

/// The one schedule that matters, by construction: the other withdrawal happens
/// wholly between this one's check and its change.
#[test]
fn another_withdrawal_between_check_and_change() {
    let account = Account::new(100);
    let outcome = account.withdraw(80, || assert_eq!(account.withdraw(70, || ()), Ok(30)));
    assert_eq!(outcome, Err(30));
    assert_eq!(account.balance(), 30);

    let account = RacyAccount::new(100);
    let outcome = account.withdraw(80, || assert_eq!(account.withdraw(70, || ()), Ok(30)));
    assert_eq!(outcome, Ok(-50));
    assert_eq!(account.balance(), -50);
}

#[test]
fn whoever_is_refused_never_gets_to_the_till() {
    let refused = Account::new(50).withdraw(80, || panic!("at the till"));
    assert_eq!(refused, Err(50));
}
