//! Two threads are inside together. Strengthen the orderings until that cannot be, and no more.
//!
//! It also runs as it is: rustc --edition 2024 gil-3.rs && ./gil-3

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

/// Two threads, 0 and 1, each with a flag that says: I want to enter.
#[derive(Default)]
pub struct Door {
    wants: [AtomicBool; 2],
}

impl Door {
    /// Whether this thread may enter: it raises its flag, and then looks at the flag of the other.
    pub fn enter(&self, thread: usize) -> bool {
        self.wants[thread].store(true, SeqCst);
        thread == 0 && !self.wants[1].load(SeqCst)
    }
}

fn main() {
    let door = Door::default();
    thread::scope(|scope| {
        for thread in 0..2 {
            let door = &door;
            scope.spawn(move || println!("{thread}: {}", door.enter(thread)));
        }
    });
}
