//! A submission.

use std::collections::HashMap;
use tokio::sync::Mutex;

/// Prices that are looked up at most once each.
pub struct Prices<L> {
    look_up: L,
    turn: Mutex<()>,
    known: Mutex<HashMap<String, u32>>,
}

impl<L: AsyncFn(&str) -> u32> Prices<L> {
    pub fn new(look_up: L) -> Self {
        Self {
            look_up,
            turn: Mutex::default(),
            known: Mutex::default(),
        }
    }

    /// The price of this. If several tasks ask for the same price at the same time, there is one
    /// lookup, and all of them wait for it.
    pub async fn of(&self, name: &str) -> u32 {
        let _turn = self.turn.lock().await;
        let price = self.known.lock().await.get(name).copied();
        match price {
            Some(price) => price,
            None => {
                let price = (self.look_up)(name).await;
                self.known.lock().await.insert(name.to_owned(), price);
                price
            }
        }
    }
}
