//! Two tills at one account, in every order of their steps: `just prove` in the
//! tutorial's folder, with the path of this file.

#[path = "../src/account.rs"]
mod account;

use account::Account;
use std::thread;

fn main() {
    let account = Account::new(100);
    let paid: u32 = thread::scope(|scope| {
        let till = |amount| account.withdraw(amount, || ()).map_or(0, |_| amount);
        let tills = [80, 70].map(|amount| scope.spawn(move || till(amount)));
        tills.map(|till| till.join().unwrap()).iter().sum()
    });
    assert!(paid <= 100, "{paid} are paid out of 100");
    println!("{paid} are paid");
}
