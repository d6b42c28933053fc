//! Two tills at one account, in every order of their steps: `just prove` in the
//! tutorial's folder, with the path of this file.

#[path = "../src/racy_account.rs"]
mod racy_account;

use racy_account::RacyAccount;
use std::thread;

fn main() {
    let account = RacyAccount::new(100);
    thread::scope(|scope| {
        for amount in [80, 70] {
            let account = &account;
            scope.spawn(move || account.withdraw(amount, || ()));
        }
    });
    let balance = account.balance();
    assert!(balance >= 0, "more is paid than there was");
    println!("the account ends at {balance}");
}
