// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! One lock for a whole interpreter, handed from thread to thread as CPython does it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// A lock that is held for a long time and released on request.
///
/// At every step the holder checks for a request, which costs one relaxed load. A waiter
/// raises the request if no thread has taken the lock during one switch interval. The
/// holder then releases the lock and waits until another thread has taken it: the switch
/// is forced.
///
/// At most one thread holds the lock. The next holder sees all that the one before it
/// wrote. The lock is not fair: any of several waiters may be next. It is not reentrant:
/// a thread that acquires it twice deadlocks.
#[derive(Debug)]
pub struct Gil {
    switch_interval: Duration,
    state: Mutex<State>,
    /// Signalled when a thread has released the lock.
    dropped: Condvar,
    /// Signalled when a thread has taken the lock.
    taken: Condvar,
    /// Raised by a waiter and lowered by the thread that takes the lock, both under the
    /// mutex. The holder reads it without the mutex, so it may see a request a little
    /// late. It never sees a request from before it took the lock.
    drop_request: AtomicBool,
}

#[derive(Debug)]
struct State {
    held: bool,
    /// How many times the lock was taken: if this changed, there was a switch.
    times_taken: u64,
}

impl Gil {
    /// A free lock. CPython's switch interval is 5 ms (`sys.setswitchinterval`).
    ///
    /// Each waiter wakes up once per interval, so an interval of a few microseconds keeps a
    /// good part of a core busy for each waiter.
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

    /// Blocks until this thread holds the lock, which it releases when it drops the
    /// [`Running`]. A holder that neither drops its `Running` nor calls [`Running::check`]
    /// or [`Running::release_while`] blocks all other threads.
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
                self.drop_request.store(true, Relaxed); // A hint, seen now or later.
            }
        }
        state.held = true;
        state.times_taken += 1;
        self.drop_request.store(false, Relaxed); // The lock orders the data.
        self.taken.notify_all();
    }

    fn release(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.held = false;
        // A waiter that wakes up too late, when the lock is taken again, is woken by the
        // next release.
        self.dropped.notify_one();
        state
    }

    /// The wait is needed: this thread is awake and the waiters are not, so it would be the
    /// first to take the lock again.
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

const UNPOISONED: &str = "no thread panics while it holds the mutex";

/// The right to run: the thread that has this value holds the [`Gil`].
#[derive(Debug)]
#[must_use = "dropping it releases the lock"]
pub struct Running<'gil> {
    gil: &'gil Gil,
}

impl Running<'_> {
    /// Hands the lock over if another thread has requested it, and takes it again. Returns
    /// whether it did: other threads ran meanwhile, and may have changed what they share.
    ///
    /// Call it at every step; between two calls no other thread runs.
    #[inline]
    pub fn check(&mut self) -> bool {
        let requested = self.gil.drop_request.load(Relaxed); // Hands nothing over.
        if requested {
            self.gil.hand_over();
        }
        requested
    }

    /// Releases the lock, runs `io`, and takes the lock again, also if `io` panics. It
    /// returns or unwinds only once this thread holds the lock again.
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
