//! The judge of lock-1.

mod yours;

use std::thread;
use yours::Account;

/// Two tills want 70 and 80 of 100: one of them is refused.
pub fn two_tills() {
    let account = Account::new(100);
    let paid = thread::scope(|scope| {
        let till = |amount| account.withdraw(amount).map_or(0, |left| pay(amount, left));
        let (one, other) = (scope.spawn(move || till(70)), scope.spawn(move || till(80)));
        one.join().unwrap() + other.join().unwrap()
    });
    assert!(paid <= 100, "{paid} were paid out of 100");
    assert_eq!(
        account.balance(),
        100 - paid,
        "what was paid is not what was taken out"
    );
}

fn pay(amount: u32, left: u32) -> u32 {
    println!("paid {amount}, {left} left");
    amount
}

/// There is enough for both.
pub fn enough_for_both() {
    let account = Account::new(100);
    let paid = thread::scope(|scope| {
        let tills = [30, 40].map(|amount| {
            let account = &account;
            scope.spawn(move || account.withdraw(amount).is_some())
        });
        tills.map(|till| till.join().unwrap())
    });
    assert_eq!(paid, [true, true], "both should be paid");
    assert_eq!(account.balance(), 30, "what is left of 100 after 30 and 40");
}
