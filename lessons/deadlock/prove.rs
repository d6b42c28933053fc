//! Two transfers in opposite directions, in every order of their steps: `just prove` in
//! the tutorial's folder, with the path of this file.

#[path = "src/transfer.rs"]
mod transfer;

use std::thread;
use transfer::{Account, transfer};

fn main() {
    let (one, other) = (Account::new(100), Account::new(100));
    thread::scope(|scope| {
        scope.spawn(|| transfer(&one, &other, 30, || ()));
        scope.spawn(|| transfer(&other, &one, 120, || ()));
    });
    let balances = (*one.lock(), *other.lock());
    assert_eq!(balances.0 + balances.1, 200, "money is lost, or made");
    println!("the accounts end at {balances:?}");
}
