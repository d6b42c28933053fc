// SPDX-License-Identifier: MIT OR Apache-2.0
//! Wrong on purpose: it reads, adds and writes back, and another process can run in between.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// Adds one to the counter, as Python's `counter.value += 1` does. `between` is called between
/// the read and the write.
pub fn add_one(counter: &AtomicU64, between: impl FnOnce()) {
    let seen = counter.load(SeqCst);
    between();
    // This overwrites what others have added in between: a lost update.
    counter.store(seen + 1, SeqCst);
}
