//! Clerks that move money between accounts at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use interleave::{Bounds, End};
use parking_lot::Mutex;
use real_std::sync::{Arc, Mutex as Notes};

use super::transfer::{Account, transfer};
use super::try_transfer::{Refusal, try_transfer, try_transfer_for};
use super::unordered_transfer::unordered_transfer;
use crate::proof::{Program, Proof, Scene};

/// From which account to which, and how much.
type Order = (usize, usize, u32);

const BOUNDS: Bounds = Bounds {
    threads: &["main", "clerk A>B", "clerk B>A"],
    objects: &["A", "B", "C"],
    ..Bounds::NONE
};

/// Clerks with an order each. They have as many accounts as they need, which hold 100 each.
/// It ends well if no money is lost or made; how many have moved theirs is a matter of their order.
fn clerks(
    bounds: Bounds,
    orders: impl Into<Vec<Order>>,
    transfer: impl Fn(&Account, &Account, u32) -> Result<(), Refusal> + Send + Sync + 'static,
) -> Program {
    let orders = orders.into();
    Program::new(bounds, move || {
        let accounts = 1 + orders
            .iter()
            .map(|order| order.0.max(order.1))
            .max()
            .unwrap_or(0);
        let bank: &Vec<Account> = &(0..accounts).map(|_| Mutex::new(100)).collect();
        // All of them are in view from the start.
        interleave::aside(|| bank.iter().for_each(|account| drop(account.lock())));
        let moved = &Notes::new(0);
        thread::scope(|scope| {
            for &(from, to, amount) in &orders {
                let transfer = &transfer;
                scope.spawn(move || {
                    if transfer(&bank[from], &bank[to], amount).is_ok() {
                        *moved.lock().unwrap() += 1;
                    }
                });
            }
        });
        let sum: i64 = interleave::aside(|| bank.iter().map(|account| *account.lock()).sum());
        let moved = *moved.lock().unwrap();
        if sum != 100 * accounts as i64 {
            End::bad("money lost or made")
        } else if moved == orders.len() {
            End::good("all moved")
        } else {
            End::good(format!("{moved} moved"))
        }
    })
}

fn wrong(from: &Account, to: &Account, amount: u32) -> Result<(), Refusal> {
    unordered_transfer(from, to, amount, || ()).map_err(Refusal::TooSmall)
}

fn right(from: &Account, to: &Account, amount: u32) -> Result<(), Refusal> {
    transfer(from, to, amount, || ()).map_err(Refusal::TooSmall)
}

const OPPOSITE: [Order; 2] = [(0, 1, 30), (1, 0, 50)];

/// Two clerks, each with any of the nine orders that three accounts allow.
fn any_two_orders() -> Vec<Program> {
    let orders = |amount| (0..9).map(move |order| (order / 3, order % 3, amount));
    let pairs = orders(30).flat_map(|one| orders(50).map(move |other| [one, other]));
    pairs.map(|pair| clerks(BOUNDS, pair, right)).collect()
}

/// Clerks whose orders are refused if the money is not there yet, or not there any more. Neither
/// of the bank's two accounts is ever below zero.
fn refused(
    bounds: Bounds,
    transfer: impl Fn(&Account, &Account, u32) -> Result<(), Refusal> + Send + Sync + 'static,
) -> Vec<Program> {
    let transfer = Arc::new(transfer);
    let orders: [&[Order]; 4] = [
        &[(0, 1, 80), (0, 1, 70)],
        &[(0, 1, 80), (1, 0, 150)],
        &[(0, 1, 100), (1, 0, 201)],
        &[(0, 0, 100), (1, 1, 101)],
    ];
    let program = |orders: &'static [Order]| {
        let transfer = Arc::clone(&transfer);
        Program::new(bounds, move || {
            let bank = &[Mutex::new(100), Mutex::new(100)];
            let (moved, wrong) = (&Notes::new(0), &Notes::new(false));
            thread::scope(|scope| {
                for &(from, to, amount) in orders {
                    let transfer = &transfer;
                    scope.spawn(move || match transfer(&bank[from], &bank[to], amount) {
                        Ok(()) => *moved.lock().unwrap() += 1,
                        Err(Refusal::TooSmall(balance)) if balance < amount.into() => {}
                        Err(Refusal::Busy) => {}
                        Err(_) => *wrong.lock().unwrap() = true,
                    });
                }
            });
            let [a, b] = interleave::aside(|| bank.each_ref().map(|account| *account.lock()));
            if a + b != 200 || a < 0 || b < 0 || *wrong.lock().unwrap() {
                End::bad(format!("{a} and {b}"))
            } else {
                End::good(format!("{} moved", moved.lock().unwrap()))
            }
        })
    };
    orders.map(program).into()
}

/// Between its locks a clerk looks which accounts are locked, and panics. Another clerk moves
/// money the other way, and may hold the second account meanwhile.
fn between(
    bounds: Bounds,
    (from, to): (usize, usize),
    held: usize,
    transfer: impl Fn(&Account, &Account, &dyn Fn()) + Send + Sync + 'static,
) -> Program {
    Program::new(bounds, move || {
        let bank = &[Mutex::new(100), Mutex::new(100)];
        let calls = &Notes::new(Vec::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                let look = || {
                    let free = bank.each_ref().map(|account| account.try_lock().is_some());
                    calls.lock().unwrap().push((free[held], free[1 - held]));
                    panic!("out of paper");
                };
                let panics = || transfer(&bank[from], &bank[to], &look);
                _ = catch_unwind(AssertUnwindSafe(panics));
            });
            scope.spawn(|| transfer(&bank[to], &bank[from], &|| ()));
        });
        let left = interleave::aside(|| bank.each_ref().map(|account| *account.lock()));
        let moved = left[from] == 110 && left[to] == 90;
        match calls.lock().unwrap().as_slice() {
            _ if left != [100, 100] && !moved => End::bad(format!("{left:?}")),
            [(false, true)] => End::good("the second is free"),
            [(false, false)] => End::good("the second is taken"),
            [] => End::good("no first lock"),
            calls => End::bad(format!("{calls:?}")),
        }
    })
}

/// Another thread keeps one account locked until the clerk has given up.
fn kept(
    kept: usize,
    timeouts: u32,
    transfer: impl Fn(&Account, &Account) -> Result<(), Refusal> + Send + Sync + 'static,
) -> Program {
    let bounds = Bounds { timeouts, ..BOUNDS };
    Program::new(bounds, move || {
        let bank = &[Mutex::new(100), Mutex::new(100)];
        let (gave_up, kept_long_enough) = channel::<()>();
        let (taken, is_taken) = channel::<()>();
        let result = &Notes::new(None);
        let transfer = &transfer;
        thread::scope(|scope| {
            scope.spawn(move || {
                let _kept = bank[kept].lock();
                drop(taken);
                _ = kept_long_enough.recv();
            });
            scope.spawn(move || {
                _ = is_taken.recv();
                let outcome = transfer(&bank[0], &bank[1]);
                *result.lock().unwrap() = Some(outcome);
                drop(gave_up);
            });
        });
        match result.lock().unwrap().take() {
            Some(Err(Refusal::Busy)) => End::good("busy"),
            other => End::bad(format!("{other:?}")),
        }
    })
}

/// A transfer, and an auditor that locks both accounts and adds them up.
fn auditor() -> Program {
    let bounds = Bounds {
        threads: &["main", "clerk B>A", "auditor"],
        ..BOUNDS
    };
    Program::new(bounds, || {
        let bank = &[Mutex::new(100), Mutex::new(100)];
        let sum = &Notes::new(0);
        thread::scope(|scope| {
            scope.spawn(|| right(&bank[1], &bank[0], 50));
            scope.spawn(|| {
                let (a, b) = (bank[0].lock(), bank[1].lock());
                *sum.lock().unwrap() = *a + *b;
            });
        });
        match *sum.lock().unwrap() {
            200 => End::good("sees 200"),
            sum => End::bad(format!("sees {sum}")),
        }
    })
}

pub fn proofs() -> Vec<Proof> {
    let proof = |file, what, ends, programs| Proof {
        lesson: "deadlock",
        file,
        what,
        ends,
        wrong: file == "unordered_transfer.rs",
        programs,
    };
    let within = |from: &Account, to: &Account, amount| {
        try_transfer_for(Duration::from_secs(2), from, to, amount, || ())
    };
    let both_or_none = |from: &Account, to: &Account, amount| try_transfer(from, to, amount, || ());
    let ring = [(0, 1, 30), (1, 2, 50), (2, 0, 70)];
    // At each of four locks the time limit may pass.
    let limited = Bounds {
        timeouts: 4,
        ..BOUNDS
    };
    const SECONDS: Duration = Duration::from_secs(2);
    let one_or_two = &["0 moved", "1 moved", "2 moved"];
    // The lower address is the first, whichever way the money goes.
    let ordered = |way| {
        between(BOUNDS, way, 0, |from, to, look| {
            _ = transfer(from, to, 10, look)
        })
    };
    let looks_within = |way: (usize, usize)| {
        between(limited, way, way.0, |from, to, look| {
            _ = try_transfer_for(SECONDS, from, to, 10, look);
        })
    };
    let looks_both_or_none = |way: (usize, usize)| {
        between(BOUNDS, way, way.0, |from, to, look| {
            _ = try_transfer(from, to, 10, look);
        })
    };
    vec![
        proof(
            "unordered_transfer.rs",
            "two clerks, opposite ways",
            &["deadlock", "all moved"],
            vec![clerks(BOUNDS, OPPOSITE, wrong)],
        ),
        proof(
            "transfer.rs",
            "two clerks, opposite ways",
            &["all moved"],
            vec![clerks(BOUNDS, OPPOSITE, right)],
        ),
        proof(
            "transfer.rs",
            "two clerks, any of 3 accounts",
            &["all moved"],
            any_two_orders(),
        ),
        proof(
            "transfer.rs",
            "three clerks in a circle",
            &["all moved"],
            vec![clerks(BOUNDS, ring, right)],
        ),
        proof(
            "transfer.rs",
            "a clerk and an auditor",
            &["sees 200"],
            vec![auditor()],
        ),
        proof(
            "transfer.rs",
            "transfers that are refused",
            &["1 moved", "2 moved"],
            refused(BOUNDS, right),
        ),
        proof(
            "transfer.rs",
            "a clerk that panics between",
            &["the second is free", "the second is taken"],
            vec![ordered((0, 1))],
        ),
        proof(
            "transfer.rs",
            "the same, the other way",
            &["the second is free"],
            vec![ordered((1, 0))],
        ),
        proof(
            "try_transfer.rs",
            "time limits, tried once",
            &["all moved", "1 moved", "0 moved"],
            vec![clerks(limited, OPPOSITE, within)],
        ),
        proof(
            "try_transfer.rs",
            "both or none, tried once",
            &["all moved", "1 moved", "0 moved"],
            vec![clerks(BOUNDS, OPPOSITE, both_or_none)],
        ),
        proof(
            "try_transfer.rs",
            "time limits, and refused",
            one_or_two,
            refused(limited, within),
        ),
        proof(
            "try_transfer.rs",
            "both or none, and refused",
            one_or_two,
            refused(BOUNDS, both_or_none),
        ),
        proof(
            "try_transfer.rs",
            "a clerk that panics between",
            &["the second is free", "the second is taken", "no first lock"],
            vec![looks_within((0, 1)), looks_within((1, 0))],
        ),
        proof(
            "try_transfer.rs",
            "both or none, a clerk that panics",
            &["the second is free", "the second is taken"],
            vec![looks_both_or_none((0, 1)), looks_both_or_none((1, 0))],
        ),
        proof(
            "try_transfer.rs",
            "no limit passes: the second is locked",
            &["all moved"],
            vec![clerks(BOUNDS, [(0, 1, 30), (2, 1, 50)], within)],
        ),
        proof(
            "try_transfer.rs",
            "both or none, the first is free",
            &["all moved"],
            vec![clerks(BOUNDS, [(0, 1, 30), (0, 2, 50)], both_or_none)],
        ),
        proof(
            "try_transfer.rs",
            "an account stays locked",
            &["busy"],
            vec![
                kept(0, 1, |from, to| {
                    try_transfer_for(SECONDS, from, to, 10, || ())
                }),
                kept(1, 1, |from, to| {
                    try_transfer_for(SECONDS, from, to, 10, || ())
                }),
                kept(1, 0, |from, to| try_transfer(from, to, 10, || ())),
            ],
        ),
    ]
}

pub fn scene() -> Scene {
    Scene {
        lesson: "deadlock",
        goal: "make both clerks wait for each other",
        wrong: ("unordered_transfer.rs", clerks(BOUNDS, OPPOSITE, wrong)),
        right: ("transfer.rs", clerks(BOUNDS, OPPOSITE, right)),
    }
}
