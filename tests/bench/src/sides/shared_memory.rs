//! A counter that two processes add to.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use super::{Outcome, Side, seconds};
use crate::pieces::forks::together;
use crate::pieces::shared::{Shared, SharedMutex};

const TIMES: u64 = 500_000;

pub const SIDES: &[Side] = &[("locked", locked), ("atomic", atomic)];

fn millions(took: f64) -> Outcome {
    Ok(vec![("M/s", 2.0 * TIMES as f64 / took / 1e6)])
}

fn locked() -> Outcome {
    let counter = SharedMutex::new(0_u64, |_| panic!("nobody dies"))?;
    let add = |_| (0..TIMES).for_each(|_| counter.with(|counter| *counter += 1));
    let mut done = Ok(());
    let took = seconds(|| done = together(2, add));
    done?;
    assert_eq!(counter.with(|counter| *counter), 2 * TIMES);
    millions(took)
}

fn atomic() -> Outcome {
    let counter = Shared::new(AtomicU64::new(0))?;
    let add = |_| (0..TIMES).for_each(|_| _ = counter.fetch_add(1, SeqCst));
    let mut done = Ok(());
    let took = seconds(|| done = together(2, add));
    done?;
    assert_eq!(counter.load(SeqCst), 2 * TIMES);
    millions(took)
}
