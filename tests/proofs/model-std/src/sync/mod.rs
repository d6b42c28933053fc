//! What threads share.

mod arc;
pub mod atomic;
mod barrier;
mod condvar;
pub mod mpsc;
mod mutex;
mod once;
mod rwlock;

pub use arc::{Arc, Weak};
pub use barrier::{Barrier, BarrierWaitResult};
pub use condvar::{Condvar, WaitTimeoutResult};
pub use mutex::{Mutex, MutexGuard};
pub use once::{LazyLock, Once, OnceLock, OnceState};
pub use real_std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// What acquiring a lock returns.
fn checked<G>(poisoned: bool, guard: G) -> LockResult<G> {
    match poisoned {
        true => Err(PoisonError::new(guard)),
        false => Ok(guard),
    }
}

/// The real lock, which is free now: whether it is, the search has seen to. (Its poison is not
/// that of the model.)
fn taken<G>(attempt: TryLockResult<G>) -> G {
    attempt.unwrap_or_else(|error| match error {
        TryLockError::Poisoned(guard) => guard.into_inner(),
        TryLockError::WouldBlock => panic!("it is not free"),
    })
}
