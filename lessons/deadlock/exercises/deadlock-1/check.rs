//! The judge of deadlock-1.

mod yours;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use yours::Bank;

/// Two clerks move money in opposite directions.
pub fn opposite_ways() {
    let bank = &Bank::new(&[100, 100]);
    let moved = thread::scope(|scope| {
        let clerks = [(0, 1, 30), (1, 0, 50)];
        clerks
            .map(|(from, to, amount)| scope.spawn(move || bank.transfer(from, to, amount, || ())))
            .map(|clerk| clerk.join().unwrap())
    });
    assert!(moved == [true, true], "refused, but there is enough");
    assert!(bank.total() == 200, "money is lost, or made");
}

/// An auditor counts while a clerk moves money.
pub fn auditor() {
    let (bank, noting) = (&Bank::new(&[100, 100]), &AtomicU32::new(0));
    let (before, total, after) = thread::scope(|scope| {
        scope.spawn(move || {
            bank.transfer(1, 0, 30, || {
                noting.store(1, SeqCst);
                noting.store(2, SeqCst);
            })
        });
        (noting.load(SeqCst), bank.total(), noting.load(SeqCst))
    });
    assert!(total == 200, "the auditor sees {total} of 200");
    assert!(
        (before, after) != (1, 1),
        "the accounts are free before `note` is called"
    );
}

/// Three clerks in a circle.
pub fn circle() {
    let bank = &Bank::new(&[100, 100, 100]);
    thread::scope(|scope| {
        for (from, to) in [(0, 1), (1, 2), (2, 0)] {
            scope.spawn(move || bank.transfer(from, to, 50, || ()));
        }
    });
    assert!(bank.total() == 300, "money is lost, or made");
}

/// From an account to the same account: nothing moves, but it may be too much.
pub fn same_account() {
    let (bank, mut noted) = (&Bank::new(&[100]), 0);
    let moved = [100, 101].map(|amount| bank.transfer(0, 0, amount, || noted += 1));
    assert!(moved == [true, false], "100 is there, 101 is not");
    assert!(noted == 1, "`note` is called once for each transfer");
    assert!(bank.total() == 100, "money is lost, or made");
}

/// Two clerks want 70 and 80 of the same 100.
pub fn not_enough() {
    let bank = &Bank::new(&[100, 100]);
    let transfer = |amount| {
        let mut noted = false;
        let moved = bank.transfer(0, 1, amount, || noted = true);
        assert!(moved == noted, "what is noted is not what is moved");
        moved
    };
    let moved = thread::scope(|scope| {
        [70, 80]
            .map(|amount| scope.spawn(move || transfer(amount)))
            .map(|clerk| clerk.join().unwrap())
    });
    assert!(moved != [true, true], "150 were moved out of 100");
    assert!(moved != [false, false], "both were refused");
    assert!(bank.total() == 200, "money is lost, or made");
}

/// Two clerks with four different accounts.
pub fn different_accounts() {
    let (bank, noting) = (&Bank::new(&[100, 100, 100, 100]), &AtomicU32::new(0));
    thread::scope(|scope| {
        for (from, to) in [(0, 1), (2, 3)] {
            scope.spawn(move || {
                bank.transfer(from, to, 30, || {
                    if noting.fetch_add(1, SeqCst) == 1 {
                        println!("two at once");
                    }
                    noting.fetch_sub(1, SeqCst);
                })
            });
        }
    });
}
