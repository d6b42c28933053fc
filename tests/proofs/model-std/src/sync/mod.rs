//! What threads share.

mod arc;
pub mod atomic;
mod condvar;
pub mod mpsc;
mod mutex;

pub use arc::{Arc, Weak};
pub use condvar::{Condvar, WaitTimeoutResult};
pub use mutex::{Mutex, MutexGuard};
pub use real_std::sync::{LockResult, PoisonError};
