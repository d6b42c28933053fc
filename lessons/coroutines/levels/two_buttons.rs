//! Two tills on one thread: each press of a button lets one of them go on. In every order of the
//! steps: `just prove` in the tutorial's folder, with the path of this file.

#[path = "../src/account.rs"]
mod account;

use account::Account;
use std::future::{Future, poll_fn};
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Waker};
use std::thread;

/// At the till: the other coroutine may go on meanwhile.
async fn pause() {
    let mut again = false;
    poll_fn(|_| match std::mem::replace(&mut again, true) {
        false => Poll::Pending,
        true => Poll::Ready(()),
    })
    .await;
}

fn main() {
    let (account, mut paid) = (Account::new(100), 0);
    let amounts = [80, 70];
    let mut tills = amounts.map(|amount| Some(Box::pin(account.withdraw(amount, pause))));
    let (press, pressed) = channel();
    thread::scope(|scope| {
        for button in [0, 1] {
            let press = &press;
            scope.spawn(move || (0..2).for_each(|_| press.send(button).unwrap()));
        }
        let mut context = Context::from_waker(Waker::noop());
        for till in pressed.iter().take(4) {
            let Some(withdrawal) = &mut tills[till] else {
                continue;
            };
            if let Poll::Ready(result) = withdrawal.as_mut().poll(&mut context) {
                tills[till] = None;
                if result.is_ok() {
                    println!("{} paid", amounts[till]);
                    paid += amounts[till];
                }
            }
        }
    });
    assert!(paid <= 100, "{paid} are paid out of 100");
}
