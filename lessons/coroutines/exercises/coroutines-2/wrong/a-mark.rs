//! A submission.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::sleep;

/// Prices that are looked up at most once each.
pub struct Prices<L> {
    look_up: L,
    known: Mutex<HashMap<String, Option<u32>>>,
}

impl<L: AsyncFn(&str) -> u32> Prices<L> {
    pub fn new(look_up: L) -> Self {
        Self {
            look_up,
            known: Mutex::default(),
        }
    }

    /// The price of this. If several tasks ask for the same price at the same time, there is one
    /// lookup, and all of them wait for it.
    pub async fn of(&self, name: &str) -> u32 {
        loop {
            match self.known.lock().unwrap().get(name) {
                Some(Some(price)) => return *price,
                // Another task looks it up.
                Some(None) => {}
                None => break,
            }
            sleep(Duration::from_millis(10)).await;
        }
        self.known.lock().unwrap().insert(name.to_owned(), None);
        let price = (self.look_up)(name).await;
        let mut known = self.known.lock().unwrap();
        known.insert(name.to_owned(), Some(price));
        price
    }
}
