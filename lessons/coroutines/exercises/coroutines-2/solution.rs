//! The lock is held while the place of a price is found; only tasks that ask for it wait there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::OnceCell;

/// Prices that are looked up at most once each.
pub struct Prices<L> {
    look_up: L,
    known: Mutex<HashMap<String, Arc<OnceCell<u32>>>>,
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
        let place = self.place(name);
        *place.get_or_init(|| (self.look_up)(name)).await
    }

    /// Where the price is, or will be.
    fn place(&self, name: &str) -> Arc<OnceCell<u32>> {
        let mut known = self.known.lock().unwrap();
        Arc::clone(known.entry(name.to_owned()).or_default())
    }
}
