//! The condition variable.

use std::time::Duration;

use interleave::{Chosen, PerRun, Waiters};

use crate::MutexGuard;

/// `parking_lot::Condvar`.
///
/// A wait releases the mutex and waits in one step, comes back in another, and acquires the
/// mutex again in a third. As `parking_lot` promises, it never comes back for no reason. One with
/// a time limit may time out at any moment, as often as the bounds of the search allow; how long
/// the limit is does not matter.
#[derive(Debug)]
pub struct Condvar(PerRun<Waiters>);

/// `parking_lot::WaitTimeoutResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// As in `parking_lot`.
    pub fn timed_out(self) -> bool {
        self.0
    }
}

impl Condvar {
    /// As in `parking_lot`.
    pub const fn new() -> Self {
        Self(PerRun::new())
    }

    /// As in `parking_lot`.
    ///
    /// # Panics
    ///
    /// If a thread waits already, with another mutex. So do all that wait.
    #[track_caller]
    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        self.wait_or(guard, &[]);
    }

    /// As in `parking_lot`.
    #[track_caller]
    pub fn wait_for<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        _limit: Duration,
    ) -> WaitTimeoutResult {
        let chosen = self.wait_or(guard, &[Chosen::TimedOut]);
        WaitTimeoutResult(chosen == Chosen::TimedOut)
    }

    /// As in `parking_lot`.
    #[track_caller]
    pub fn wait_while<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) {
        while condition(guard) {
            self.wait(guard);
        }
    }

    /// As in `parking_lot`: after the time limit it looks once more.
    #[track_caller]
    pub fn wait_while_for<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        mut condition: impl FnMut(&mut T) -> bool,
        limit: Duration,
    ) -> WaitTimeoutResult {
        let mut timed_out = false;
        while condition(guard) {
            if timed_out {
                return WaitTimeoutResult(true);
            }
            timed_out = self.wait_for(guard, limit).timed_out();
        }
        WaitTimeoutResult(false)
    }

    /// As in `parking_lot`: whether there was one to wake.
    #[track_caller]
    pub fn notify_one(&self) -> bool {
        self.0.get().wake_one()
    }

    /// As in `parking_lot`: how many there were to wake.
    #[track_caller]
    pub fn notify_all(&self) -> usize {
        self.0.get().wake_all()
    }

    #[track_caller]
    fn wait_or<T>(&self, guard: &mut MutexGuard<'_, T>, otherwise: &'static [Chosen]) -> Chosen {
        let id = guard.id();
        let chosen = self.0.get().wait(id, || guard.release(), otherwise);
        guard.again();
        chosen
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}
