//! Blocking calls: a fetcher, and an event loop to run it on.

use std::error::Error;

use tokio::runtime::{Builder, Runtime};

use crate::fetch::{Failure, Fetcher, Limits, Page};

pub type Outcome = Result<Page, Failure>;

/// What `requests.Session` is in Python. Several threads may share it: one of those that wait
/// runs the event loop for all.
pub struct Session {
    event_loop: Runtime,
    fetcher: Fetcher,
}

impl Session {
    pub fn new(limits: Limits) -> Result<Self, Box<dyn Error>> {
        let event_loop = Builder::new_current_thread().enable_all().build()?;
        let fetcher = Fetcher::new(limits)?;
        Ok(Self {
            event_loop,
            fetcher,
        })
    }

    /// Blocks this thread until the page has arrived.
    pub fn get(&self, address: &str) -> Outcome {
        self.event_loop.block_on(self.fetcher.fetch(address))
    }

    /// Blocks this thread until all pages have arrived: the thread waits for them together.
    pub fn get_all<Guard: Send + 'static>(
        &self,
        addresses: &[impl AsRef<str>],
        turn: impl FnMut(usize) -> Guard,
    ) -> Vec<Outcome> {
        let pages = self.fetcher.fetch_all(addresses, turn);
        self.event_loop.block_on(pages)
    }
}
