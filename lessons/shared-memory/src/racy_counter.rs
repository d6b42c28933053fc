// SPDX-License-Identifier: MIT OR Apache-2.0
//! Wrong on purpose: it reads, adds and writes back, and another process fits between.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// Adds one to the counter, as Python's `counter.value += 1` does. `between` happens
/// between reading and writing back.
pub fn add_one(counter: &AtomicU64, between: impl FnOnce()) {
    let seen = counter.load(SeqCst);
    between();
    // What others have added meanwhile is overwritten: a lost update.
    counter.store(seen + 1, SeqCst);
}
