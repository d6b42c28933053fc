//! Two tills on one thread: each button lets one of them go on. In every order of their steps:
//! `just prove` in the tutorial's folder, with the path of this file.

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
    let account = Account::new(100);
    let amounts = [80, 70];
    let mut tills = amounts.map(|amount| Some(Box::pin(account.withdraw(amount, pause))));
    let mut paid = 0;
    let (press, pressed) = channel();
    thread::scope(|scope| {
        for button in [0, 1] {
            let press = press.clone();
            scope.spawn(move || (0..2).for_each(|_| press.send(button).unwrap()));
        }
    });
    drop(press);
    for till in pressed {
        let mut context = Context::from_waker(Waker::noop());
        let Some(withdrawal) = &mut tills[till] else {
            continue;
        };
        if let Poll::Ready(result) = withdrawal.as_mut().poll(&mut context) {
            paid += result.map_or(0, |_| amounts[till]);
            tills[till] = None;
        }
    }
    assert!(paid <= 100, "{paid} are paid out of 100");
    println!("{paid} are paid");
}
