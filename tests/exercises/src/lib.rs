//! The exercises of the lessons: where they are, and how a submission is judged.
//!
//! An exercise is a folder `lessons/*/exercises/NAME`:
//!
//! - `task.toml`: what to do, three hints, and how it is judged ([`Task`]);
//! - `start.rs`: what the reader begins with, and `solution.rs`: ours;
//! - `check.rs`: programs that use the reader's file as their module `yours`;
//! - `wrong/`: submissions that the judge has to reject, each with its verdict in `task.toml`.
//!
//! Two judges: [`orders`] runs the programs in every order, on models of `std`. [`real`] runs
//! them as they are, with processes or with a clock that is paused.

pub mod judge;
pub mod orders;
pub mod real;
pub mod state;
mod task;
mod weaker;

pub use judge::{Judged, Verdict, judge};
pub use task::{Exercise, Goal, Judge, Task};

/// The lessons, in the order of the tutorial.
pub const LESSONS: &[&str] = &[
    "race",
    "lock",
    "deadlock",
    "gil",
    "processes",
    "pool",
    "queue",
    "pipe",
    "shared-memory",
    "coroutines",
    "futures",
    "executors",
    "fetch",
    "user-io",
    "choosing",
];
