//! The till's side: what the office sends to a till, and what the till does in its process.

use std::{process, thread};

use ipc_channel::ipc::IpcSender;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::queue::{Child, Receiver, Sender};

/// A till gets orders from the office, and puts notes into the queue back.
pub type Till = Child<Order, String>;

/// In a day's amounts: here the till gets stuck.
pub const STUCK: u32 = 0;

#[derive(Serialize, Deserialize)]
pub enum Order {
    /// To the till of this number: sell for these amounts, and report each sale. The sender
    /// itself travels through the queue, so that all tills can put into one queue.
    Sell(usize, [u32; 3], IpcSender<Sale>),
    /// What the office has counted for this till.
    Total(u32),
}

#[derive(Serialize, Deserialize)]
pub struct Sale {
    pub number: usize,
    pub amount: u32,
}

/// Works until the office closes the queue, which is an error of `get`.
pub fn work(inbox: Receiver<Order>, outbox: Sender<String>) -> Result {
    outbox.put(format!("open, process {}", process::id()))?;
    let mut drawer = 0;
    loop {
        match inbox.get()? {
            Order::Sell(number, day, office) => {
                for amount in day {
                    serve(amount);
                    drawer += amount;
                    office.send(Sale { number, amount })?;
                }
                // Here `office` is dropped: this till sells no more.
            }
            Order::Total(total) => {
                outbox.put(format!("{total} told, {drawer} in the drawer"))?;
            }
        }
    }
}

/// The time that a customer takes.
fn serve(amount: u32) {
    match amount {
        STUCK => loop {
            thread::park();
        },
        _ => thread::sleep(timing::seconds(0.5)),
    }
}
