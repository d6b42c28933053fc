//! At each of the four accesses, choose the weakest ordering with which the page is still right.
//!
//! It also runs as it is: rustc --edition 2024 race-5.rs && ./race-5

use std::sync::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Relaxed, Release},
};
use std::thread;

/// A page that one thread writes while others may already look for it.
#[derive(Default)]
pub struct Page {
    words: AtomicU32,
    written: AtomicBool,
}

impl Page {
    /// Writes a page of so many words, and then says that it is there.
    pub fn write(&self, words: u32) {
        self.words.store(words, Relaxed);
        self.written.store(true, Release);
    }

    /// How many words it has; `None` as long as it is not there.
    pub fn words(&self) -> Option<u32> {
        let written = self.written.load(Relaxed);
        written.then(|| self.words.load(Relaxed))
    }
}

fn main() {
    let page = Page::default();
    thread::scope(|scope| {
        scope.spawn(|| page.write(300));
        scope.spawn(|| println!("{:?}", page.words()));
    });
}
