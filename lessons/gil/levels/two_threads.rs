//! A thread comes while another one runs, in every order of their steps: `just prove` in the
//! tutorial's folder, with the path of this file.

#[path = "../src/gil.rs"]
mod gil;

use gil::Gil;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

fn main() {
    let gil = Gil::new(Duration::from_millis(5));
    let runs = AtomicBool::new(true);
    let running = gil.acquire();
    thread::scope(|scope| {
        scope.spawn(|| {
            let _running = gil.acquire();
            assert!(!runs.load(SeqCst), "two threads run at once");
        });
        runs.store(false, SeqCst);
        drop(running);
    });
}
