//! The condition variable.

use interleave::{Chosen, PerRun, Waiters};
use real_std::fmt;
use real_std::sync::LockResult;
use real_std::time::Duration;

use super::MutexGuard;

/// `std::sync::Condvar`.
///
/// A wait releases the mutex and waits in one step, comes back in another, and takes the
/// mutex again in a third. It may come back for no reason, and one with a time limit at any
/// moment, each as often as the bounds of the search allow; how long the limit is does not matter.
pub struct Condvar(PerRun<Waiters>);

/// `std::sync::WaitTimeoutResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// As in `std`.
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    /// As in `std`.
    pub const fn new() -> Self {
        Self(PerRun::new())
    }

    /// As in `std`.
    ///
    /// # Errors
    ///
    /// If a thread has panicked while it held the mutex.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        self.wait_for(guard, &[Chosen::Spurious]).0
    }

    /// As in `std`.
    ///
    /// # Errors
    ///
    /// If a thread has panicked while it held the mutex.
    #[track_caller]
    pub fn wait_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<MutexGuard<'a, T>> {
        while condition(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// As in `std`.
    ///
    /// # Errors
    ///
    /// If a thread has panicked while it held the mutex.
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        _limit: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let (guard, chosen) = self.wait_for(guard, &[Chosen::TimedOut, Chosen::Spurious]);
        let result = WaitTimeoutResult(chosen == Chosen::TimedOut);
        both(guard, result)
    }

    /// As in `std`.
    ///
    /// # Errors
    ///
    /// If a thread has panicked while it held the mutex.
    #[track_caller]
    pub fn wait_timeout_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        limit: Duration,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        loop {
            if !condition(&mut guard) {
                return Ok((guard, WaitTimeoutResult(false)));
            }
            let (again, result) = self.wait_timeout(guard, limit)?;
            if result.timed_out() {
                return Ok((again, result));
            }
            guard = again;
        }
    }

    /// As in `std`.
    #[track_caller]
    pub fn notify_one(&self) {
        self.0.get().wake_one();
    }

    /// As in `std`.
    #[track_caller]
    pub fn notify_all(&self) {
        self.0.get().wake_all();
    }

    #[track_caller]
    fn wait_for<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        otherwise: &'static [Chosen],
    ) -> (LockResult<MutexGuard<'a, T>>, Chosen) {
        let (id, mutex) = (guard.id(), guard.mutex());
        let release = move || guard.let_go();
        let chosen = self.0.get().wait(id, release, otherwise);
        (mutex.lock(), chosen)
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Condvar { .. }")
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}

fn both<'a, T>(
    guard: LockResult<MutexGuard<'a, T>>,
    result: WaitTimeoutResult,
) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
    match guard {
        Ok(guard) => Ok((guard, result)),
        Err(poisoned) => Err(real_std::sync::PoisonError::new((
            poisoned.into_inner(),
            result,
        ))),
    }
}
