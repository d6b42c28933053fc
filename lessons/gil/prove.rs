//! Two threads that run under the lock, in every order of their steps: `just prove` in
//! the tutorial's folder, with the path of this file.

#[path = "src/gil.rs"]
mod gil;

use gil::Gil;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

fn main() {
    let gil = Gil::new(Duration::from_millis(5));
    let runs = AtomicBool::new(false);
    thread::scope(|scope| {
        for name in ["a", "b"] {
            let (gil, runs) = (&gil, &runs);
            scope.spawn(move || {
                let mut running = gil.acquire();
                assert!(!runs.swap(true, SeqCst), "two threads run at once");
                println!("{name}");
                runs.store(false, SeqCst);
                running.check();
            });
        }
    });
}
