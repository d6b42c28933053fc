// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! One lock for a whole interpreter, handed from thread to thread as CPython does it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// A lock that is held for long and given up on request.
///
/// Whoever holds it asks at every step whether somebody else wants it; the question
/// costs one relaxed load. A waiter raises the request when it has waited for the switch
/// interval and nobody has taken the lock meanwhile. The holder then drops the lock and
/// queues again only after another thread has taken it: the switch is forced.
///
/// Never two threads hold it. What one did before it dropped the lock, the next one sees.
/// It is not fair: of several waiters, any may be next. A thread that acquires it while
/// holding it waits for ever.
#[derive(Debug)]
pub struct Gil {
    switch_interval: Duration,
    state: Mutex<State>,
    /// Signalled when the lock was dropped.
    dropped: Condvar,
    /// Signalled when the lock was taken.
    taken: Condvar,
    /// Raised by a waiter and lowered by whoever takes the lock, both while they hold the
    /// mutex: a holder who sees it raised knows that somebody is waiting. The holder reads
    /// it without the mutex, and may see it a little late, but never left over from before
    /// it took the lock.
    drop_request: AtomicBool,
}

#[derive(Debug)]
struct State {
    held: bool,
    /// How often the lock was taken: if that changed, there was a switch.
    times_taken: u64,
}

impl Gil {
    /// A free lock. CPython's switch interval is 5 ms (`sys.setswitchinterval`).
    ///
    /// A thread that waits wakes up once in every interval to look. One of a few microseconds,
    /// or of zero, makes that a good part of a core for each waiter.
    pub fn new(switch_interval: Duration) -> Self {
        Self {
            switch_interval,
            state: Mutex::new(State {
                held: false,
                times_taken: 0,
            }),
            dropped: Condvar::new(),
            taken: Condvar::new(),
            drop_request: AtomicBool::new(false),
        }
    }

    /// Waits for the lock and holds it until the answer is dropped. The wait ends when the
    /// holder next calls [`Running::check`] or [`Running::release_while`], or drops its own
    /// answer; a holder that does neither keeps all others waiting.
    pub fn acquire(&self) -> Running<'_> {
        self.take(self.state());
        Running { gil: self }
    }

    fn take(&self, mut state: MutexGuard<'_, State>) {
        while state.held {
            let before = state.times_taken;
            let wait = self.dropped.wait_timeout(state, self.switch_interval);
            let (again, wait) = wait.expect(UNPOISONED);
            state = again;
            if wait.timed_out() && state.held && state.times_taken == before {
                self.drop_request.store(true, Relaxed);
            }
        }
        state.held = true;
        state.times_taken += 1;
        self.drop_request.store(false, Relaxed);
        self.taken.notify_all();
    }

    fn release(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.held = false;
        // Whoever wakes up and finds the lock taken again is woken by the next release.
        self.dropped.notify_one();
        state
    }

    /// Without the second wait, the thread that just dropped the lock would be the first
    /// to take it again: it is awake, the others are not.
    #[cold]
    fn hand_over(&self) {
        let state = self.release();
        let before = state.times_taken;
        let state = self
            .taken
            .wait_while(state, |state| state.times_taken == before);
        self.take(state.expect(UNPOISONED));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(UNPOISONED)
    }
}

const UNPOISONED: &str = "nothing panics while it holds the mutex";

/// The right to run: a thread that has this is the one that holds the [`Gil`].
#[derive(Debug)]
#[must_use = "the lock is dropped with it"]
pub struct Running<'gil> {
    gil: &'gil Gil,
}

impl Running<'_> {
    /// Gives way if another thread has asked for the lock, and returns holding it again.
    /// To be called at every step: between two calls nobody else runs.
    #[inline]
    pub fn check(&mut self) {
        if self.gil.drop_request.load(Relaxed) {
            self.gil.hand_over();
        }
    }

    /// Lets others run during `io` and takes the lock again after it, also if `io` panics:
    /// so it returns, or unwinds, only when the lock is to be had.
    pub fn release_while<T>(&mut self, io: impl FnOnce() -> T) -> T {
        drop(self.gil.release());
        let _take_again = TakeAgain(self.gil);
        io()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        drop(self.gil.release());
    }
}

struct TakeAgain<'gil>(&'gil Gil);

impl Drop for TakeAgain<'_> {
    fn drop(&mut self) {
        self.0.take(self.0.state());
    }
}
