//! Two transfers in opposite directions, in every order of their steps: `just prove` in the
//! tutorial's folder, with the path of this file.

#[path = "../src/unordered_transfer.rs"]
mod unordered_transfer;

use std::thread;
use unordered_transfer::{Account, unordered_transfer};

fn main() {
    let [a, b] = &[Account::new(100), Account::new(100)];
    thread::scope(|scope| {
        scope.spawn(|| unordered_transfer(a, b, 30, || ()));
        scope.spawn(|| unordered_transfer(b, a, 20, || ()));
    });
}
