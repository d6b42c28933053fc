//! Clerks that move money between accounts at once.

use std::thread;
use std::time::Duration;

use interleave::{Bounds, End};
use parking_lot::Mutex;
use real_std::sync::Mutex as Notes;

use super::impatient_transfer::{Refusal, transfer_both_or_none, transfer_within};
use super::transfer::{Account, transfer};
use super::wrong_transfer::wrong_transfer;
use crate::proof::{Program, Proof, Scene};

/// From which account to which, and how much.
type Order = (usize, usize, u32);

const BOUNDS: Bounds = Bounds {
    threads: &["main", "clerk A>B", "clerk B>A"],
    objects: &["A", "B", "C"],
    ..Bounds::NONE
};

/// Clerks with an order each. They have as many accounts as they need, which hold 100 each.
/// It ends well if no money is lost or made; in which way is up to what the clerks did.
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
    wrong_transfer(from, to, amount, || ()).map_err(Refusal::TooSmall)
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

/// A transfer, and somebody who locks both accounts and adds them up.
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
        wrong: file == "wrong_transfer.rs",
        programs,
    };
    let within = |from: &Account, to: &Account, amount| {
        transfer_within(Duration::from_secs(2), from, to, amount, || ())
    };
    let both_or_none =
        |from: &Account, to: &Account, amount| transfer_both_or_none(from, to, amount, || ());
    let ring = [(0, 1, 30), (1, 2, 50), (2, 0, 70)];
    // Each of four locks may be waited for too long.
    let impatient = Bounds {
        timeouts: 4,
        ..BOUNDS
    };
    vec![
        proof(
            "wrong_transfer.rs",
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
            "impatient_transfer.rs",
            "time limits, tried once",
            &["all moved", "1 moved", "0 moved"],
            vec![clerks(impatient, OPPOSITE, within)],
        ),
        proof(
            "impatient_transfer.rs",
            "both or none, tried once",
            &["all moved", "1 moved", "0 moved"],
            vec![clerks(BOUNDS, OPPOSITE, both_or_none)],
        ),
    ]
}

pub fn scene() -> Scene {
    Scene {
        lesson: "deadlock",
        goal: "let both clerks wait for each other for ever",
        wrong: ("wrong_transfer.rs", clerks(BOUNDS, OPPOSITE, wrong)),
        right: ("transfer.rs", clerks(BOUNDS, OPPOSITE, right)),
    }
}
