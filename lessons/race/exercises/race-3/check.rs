//! The judge of race-3.

mod yours;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use yours::withdraw;

/// Two tills withdraw at once: what is left for each, and in the end.
fn two_tills(balance: u32, amounts: [u32; 2]) -> ([Option<u32>; 2], u32) {
    let account = &AtomicU32::new(balance);
    let left = thread::scope(|scope| {
        amounts
            .map(|amount| scope.spawn(move || withdraw(account, amount)))
            .map(|till| till.join().unwrap())
    });
    (left, account.load(SeqCst))
}

/// 70 and 80 of 100: one of them is refused.
pub fn enough_for_one() {
    match two_tills(100, [70, 80]) {
        ([Some(30), None], 30) => println!("70 is paid"),
        ([None, Some(20)], 20) => println!("80 is paid"),
        ([Some(_), Some(_)], _) => panic!("150 were paid out of 100"),
        ([None, None], _) => panic!("both were refused"),
        (left, balance) => panic!("the tills say {left:?} are left, the account {balance}"),
    }
}

/// 30 and 40 of 100: both are paid, and see what the one before has left.
pub fn enough_for_both() {
    let (left, balance) = two_tills(100, [30, 40]);
    assert!(!left.contains(&None), "refused, but there is enough");
    assert!(balance == 30, "{balance} are left of 100 after 30 and 40");
    let right = left == [Some(70), Some(30)] || left == [Some(30), Some(60)];
    assert!(right, "30 and 40 of 100: the tills say {left:?} are left");
}

/// 60 and 40 of 100: that is all there is.
pub fn all_there_is() {
    let (_, balance) = two_tills(100, [60, 40]);
    if balance == 0 {
        println!("nothing is left");
    }
}

/// 120 and 80 of 100: the first is too much, the second is not.
pub fn one_is_too_much() {
    let (left, _) = two_tills(100, [120, 80]);
    assert!(left[0].is_none(), "120 were paid out of 100");
    assert!(left[1].is_some(), "80 were refused, though 100 were there");
}
