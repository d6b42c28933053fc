//! Two transfers in opposite directions, in every order of their steps: `just prove` in the
//! tutorial's folder, with the path of this file.

#[path = "../src/transfer.rs"]
mod transfer;

use std::thread;
use transfer::{Account, transfer};

fn main() {
    let [a, b] = &[Account::new(100), Account::new(100)];
    thread::scope(|scope| {
        scope.spawn(|| transfer(a, b, 30, || ()));
        scope.spawn(|| transfer(b, a, 20, || ()));
    });
}
