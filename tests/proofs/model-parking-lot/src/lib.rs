//! A model of `parking_lot`. Unlike `std`, it has no poison, its condition variable never wakes up
//! for no reason, and its lock for readers and writers can be upgraded. A closed list, like
//! `model_std`.

mod condvar;
mod mutex;
mod once;
mod remutex;
mod rwlock;

use std::panic::Location;
use std::sync::{TryLockError, TryLockResult};

use interleave::{Object, Ready, did, step_at, unlocking_may_be_seen};

pub use condvar::{Condvar, WaitTimeoutResult};
pub use mutex::{Mutex, MutexGuard};
pub use once::{Once, OnceState};
pub use remutex::{ReentrantMutex, ReentrantMutexGuard};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard};

/// The step in which a thread releases what it acquired at this place.
fn unlocking(place: &'static Location<'static>, object: &Object) {
    if unlocking_may_be_seen() {
        let next = || format!("unlock {}", object.name());
        step_at(place, next, Ready::Always, &[object.id(&())]);
    }
    did(|| format!("unlocks {}", object.name()));
}

/// The real lock, which is free now: whether it is, the search has seen to.
fn taken<G>(attempt: TryLockResult<G>) -> G {
    attempt.unwrap_or_else(|error| match error {
        TryLockError::Poisoned(guard) => guard.into_inner(),
        TryLockError::WouldBlock => panic!("it is not free"),
    })
}
