//! A submission.

use std::collections::HashMap;
use std::sync::Mutex;

/// Prices that are looked up at most once each.
pub struct Prices<L> {
    look_up: L,
    known: Mutex<HashMap<String, u32>>,
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
        let mut known = self.known.lock().unwrap();
        if let Some(price) = known.get(name) {
            return *price;
        }
        let price = (self.look_up)(name).await;
        known.insert(name.to_owned(), price);
        price
    }
}
