//! The judge of lock-2.

mod yours;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use yours::Account;

/// A till: what it has paid, and what its receipt says is left.
fn till(account: &Account, amount: u32) -> Option<u32> {
    let mut receipt = None;
    let left = account.withdraw(amount, |left| receipt = Some(left));
    assert!(receipt == left, "the receipt says something else");
    left
}

/// Two tills want 70 and 80 of 100: one of them is refused, and has no receipt.
pub fn enough_for_one() {
    let account = &Account::new(100);
    let left = thread::scope(|scope| {
        [70, 80]
            .map(|amount| scope.spawn(move || till(account, amount)))
            .map(|till| till.join().unwrap())
    });
    match left {
        [Some(_), Some(_)] => panic!("150 were paid out of 100"),
        [None, None] => panic!("both were refused"),
        [Some(left), None] => assert!(left == 30, "30 are left of 100 after 70"),
        [None, Some(left)] => assert!(left == 20, "20 are left of 100 after 80"),
    }
    let left = left[0].or(left[1]);
    assert!(Some(account.balance()) == left, "the balance is wrong");
}

/// Two tills want 30 and 40 of 100: both are paid, and their receipts say who was first.
pub fn enough_for_both() {
    let account = &Account::new(100);
    let left = thread::scope(|scope| {
        [30, 40]
            .map(|amount| scope.spawn(move || till(account, amount)))
            .map(|till| till.join().unwrap().expect("refused, but there is enough"))
    });
    assert!(account.balance() == 30, "the balance is wrong");
    assert!(
        left == [70, 30] || left == [30, 60],
        "the receipts of 30 and 40 say that {} and {} are left",
        left[0],
        left[1]
    );
}

/// Two tills print their receipts.
pub fn receipts() {
    let (account, printing) = (&Account::new(100), &AtomicU32::new(0));
    thread::scope(|scope| {
        for amount in [30, 40] {
            scope.spawn(move || {
                account.withdraw(amount, |_| {
                    if printing.fetch_add(1, SeqCst) == 1 {
                        println!("two at once");
                    }
                    printing.fetch_sub(1, SeqCst);
                })
            });
        }
    });
}
