// SPDX-License-Identifier: MIT OR Apache-2.0
//! The four tills of the two acts with an account.

use std::rc::Rc;

use timing::{Lane, Lesson, say};
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;

const WITHDRAWALS: [(&str, u32); 4] = [
    ("till 1", 80),
    ("till 2", 70),
    ("till 3", 50),
    ("till 4", 20),
];

pub struct Till {
    name: &'static str,
    pub amount: u32,
    lane: Lane,
}

impl Till {
    /// The second in which the money is counted out.
    pub async fn count_out(&self) {
        let (name, amount) = (self.name, self.amount);
        say!("{name}: the balance covers {amount}, counting it out");
        let _span = self.lane.waiting(format!("counts out {amount}"));
        sleep(timing::seconds(1.0)).await;
    }
}

/// All four tills withdraw from the account together, each in a task. The tasks are local:
/// the account must stay on this thread, and so must they.
pub async fn at_once<A: 'static>(
    lesson: &Lesson,
    account: &Rc<A>,
    withdraw: impl AsyncFn(&A, &Till) -> Result<i64, i64> + Copy + 'static,
) -> Result<(), JoinError> {
    let mut tasks = JoinSet::new();
    for (name, amount) in WITHDRAWALS {
        let (account, lane) = (Rc::clone(account), lesson.lane(name));
        tasks.spawn_local(async move {
            let till = Till { name, amount, lane };
            match withdraw(&account, &till).await {
                Ok(balance) => say!("{name}: paid {amount}, the balance is {balance}"),
                Err(balance) => say!("{name}: refused {amount}, the balance is {balance}"),
            }
        });
    }
    finish(tasks).await
}

/// Waits for all tasks.
pub async fn finish(mut tasks: JoinSet<()>) -> Result<(), JoinError> {
    while let Some(done) = tasks.join_next().await {
        done?;
    }
    Ok(())
}
