//! The condition variable. Whoever may be woken, may be: the search tries them all.

use interleave::{Chosen, Flag, Id, PerRun, Ready, did, step};
use real_std::mem;
use real_std::sync::LockResult;
use real_std::time::Duration;

use super::MutexGuard;

/// `std::sync::Condvar`.
///
/// A wait lets go of the mutex and waits in one step, comes back in another, and takes the
/// mutex again in a third. It may come back for no reason, and one with a time limit at any
/// moment, each as often as the bounds of the search allow; how long the limit is does not matter.
#[derive(Debug)]
pub struct Condvar {
    state: PerRun<State>,
}

#[derive(Debug, Default)]
struct State {
    id: Id,
    waiting: real_std::sync::Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    waiters: Vec<Waiter>,
    /// The number of the next `notify_one`.
    next: u64,
}

#[derive(Debug)]
struct Waiter {
    woken: Flag,
    /// The calls of `notify_one` that may have meant this one. The first that comes back takes
    /// the call from the others.
    calls: Vec<u64>,
}

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
        Self {
            state: PerRun::new(),
        }
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
        let state = self.state.get();
        step(|| "wake one".into(), Ready::Always, &[state.id]);
        let mut waiting = state.waiting();
        let call = waiting.next;
        waiting.next += 1;
        for waiter in &mut waiting.waiters {
            waiter.calls.push(call);
            waiter.woken.set(true);
        }
        let waiters = waiting.waiters.len();
        did(|| {
            if waiters == 0 {
                "wakes nobody"
            } else {
                "wakes one"
            }
            .into()
        });
    }

    /// As in `std`.
    #[track_caller]
    pub fn notify_all(&self) {
        let state = self.state.get();
        step(|| "wake all".into(), Ready::Always, &[state.id]);
        let waiters = mem::take(&mut state.waiting().waiters);
        waiters.iter().for_each(|waiter| waiter.woken.set(true));
        did(|| format!("wakes all {}", waiters.len()));
    }

    #[track_caller]
    fn wait_for<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        otherwise: &'static [Chosen],
    ) -> (LockResult<MutexGuard<'a, T>>, Chosen) {
        let state = self.state.get();
        step(
            || "unlock and wait".into(),
            Ready::Always,
            &[state.id, guard.id()],
        );
        let woken = Flag::default();
        state.waiting().waiters.push(Waiter {
            woken: woken.clone(),
            calls: Vec::new(),
        });
        let mutex = guard.let_go();
        did(|| "lets go, waits".into());

        let ready = Ready::WhenOr(woken.clone(), otherwise);
        let chosen = step(|| "wake up".into(), ready, &[state.id]);
        did(|| match chosen {
            Chosen::Ready | Chosen::Failed => "is woken".into(),
            Chosen::TimedOut => "wakes up, late".into(),
            Chosen::Spurious => "wakes up, for no reason".into(),
        });
        state.waiting().leave(&woken);
        (mutex.lock(), chosen)
    }
}

impl State {
    fn waiting(&self) -> real_std::sync::MutexGuard<'_, Waiting> {
        self.waiting.try_lock().expect("held for no step")
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}

impl Waiting {
    /// This one waits no more, and what woke it wakes nobody else.
    fn leave(&mut self, woken: &Flag) {
        let me = self
            .waiters
            .iter()
            .position(|waiter| waiter.woken.is(woken));
        // Not there: `notify_all` has sent everybody away.
        let Some(me) = me else { return };
        let Some(&call) = self.waiters.remove(me).calls.first() else {
            return;
        };
        for waiter in &mut self.waiters {
            waiter.calls.retain(|&other| other != call);
            waiter.woken.set(!waiter.calls.is_empty());
        }
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
