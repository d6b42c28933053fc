//! The proofs: every schedule of the lessons' own files is run, on models of what they share.
//!
//! `extern crate model_std as std` makes `use std::...` mean the model, here and in the files
//! of the lessons that are part of this crate, and so do `core` and `alloc`. Beside them, in
//! `programs`, is what the proofs do with them. What this crate itself needs of the real `std` is
//! in `real_std`.
//!
//! What is not modelled is refused, by whichever path it is reached:
//!
//! ```compile_fail,E0432
//! extern crate model_std as std;
//! mod piece {
//!     use ::std::fs;
//! }
//! ```
//! ```compile_fail,E0432
//! extern crate model_std as core;
//! mod piece {
//!     use core::task::Waker;
//! }
//! ```
//! ```compile_fail,E0432
//! extern crate model_std as alloc;
//! mod piece {
//!     use alloc::rc::Rc;
//! }
//! ```
//! ```
//! extern crate model_std as core;
//! mod piece {
//!     use core::sync::atomic::AtomicU64;
//!     pub fn of_the_model(number: AtomicU64) {
//!         let _: model_std::sync::atomic::AtomicU64 = number;
//!     }
//! }
//! ```

extern crate model_std as alloc;
extern crate model_std as core;
extern crate model_std as std;
extern crate std as real_std;

pub mod level;
pub mod manners;
pub mod own;
pub mod play;
pub mod proof;
pub mod quiz;
pub mod report;
pub mod tills;

use proof::{Proof, Scene};

#[path = "../../../lessons/race/src"]
mod race {
    mod account;
    #[path = "../../../tests/proofs/src/programs/race.rs"]
    pub mod programs;
    mod racy_account;
}

#[path = "../../../lessons/lock/src"]
mod lock {
    mod account;
    #[path = "../../../tests/proofs/src/programs/lock.rs"]
    pub mod programs;
    mod twice_locked_account;
}

#[path = "../../../lessons/deadlock/src"]
mod deadlock {
    #[path = "../../../tests/proofs/src/programs/deadlock.rs"]
    pub mod programs;
    mod transfer;
    mod try_transfer;
    mod unordered_transfer;
}

#[path = "../../../lessons/gil/src"]
mod gil {
    #[expect(
        clippy::module_inception,
        reason = "the lesson's file has the lesson's name"
    )]
    mod gil;
    #[path = "../../../tests/proofs/src/programs/gil.rs"]
    pub mod programs;
}

#[path = "../../../lessons/pool/src"]
mod pool {
    #[expect(
        clippy::module_inception,
        reason = "the lesson's file has the lesson's name"
    )]
    mod pool;
    #[path = "../../../tests/proofs/src/programs/pool.rs"]
    pub mod programs;
    /// Not the lesson's: its processes are part of the search.
    #[path = "../../../tests/proofs/src/programs/pool_worker.rs"]
    mod worker;
}

#[path = "../../../lessons/shared-memory/src"]
mod shared_memory {
    #[path = "../../../tests/proofs/src/programs/shared_memory.rs"]
    pub mod programs;
    mod racy_counter;
}

#[path = "../../../lessons/coroutines/src"]
mod coroutines {
    mod account;
    #[path = "../../../tests/proofs/src/programs/coroutines.rs"]
    pub mod programs;
    mod racy_account;
}

#[path = "../../../lessons/futures/src"]
mod futures {
    mod executor;
    #[path = "../../../tests/proofs/src/programs/futures.rs"]
    pub mod programs;
}

/// All proofs, in the order of the tutorial.
pub fn proofs() -> Vec<Proof> {
    [
        race::programs::proofs,
        lock::programs::proofs,
        deadlock::programs::proofs,
        gil::programs::proofs,
        pool::programs::proofs,
        shared_memory::programs::proofs,
        coroutines::programs::proofs,
        futures::programs::proofs,
    ]
    .into_iter()
    .flat_map(|proofs| proofs())
    .collect()
}

/// The small programs to watch, and to play with.
pub fn scenes() -> Vec<Scene> {
    vec![
        race::programs::scene(),
        lock::programs::scene(),
        deadlock::programs::scene(),
        shared_memory::programs::scene(),
        coroutines::programs::scene(),
    ]
}
