//! What condition variables have in common. A thread that may be woken, may be: the search tries
//! them all.

use std::panic::Location;
use std::sync::{Mutex, MutexGuard};

use crate::{Chosen, Flag, Id, Ready, did, step, step_at};

/// Threads that wait until another thread wakes them.
#[derive(Debug, Default)]
pub struct Waiters {
    id: Id,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    waiters: Vec<Waiter>,
    /// The number of the next call of `wake_one`.
    next: u64,
}

#[derive(Debug)]
struct Waiter {
    mutex: Id,
    woken: Flag,
    /// The calls of `wake_one` that may have meant this one. The first that comes back takes
    /// the call from the others.
    calls: Vec<u64>,
}

impl Waiters {
    /// Releases a mutex and waits, in one step, and comes back in another: when it is woken, or
    /// in one of these other ways.
    ///
    /// # Panics
    ///
    /// If a thread waits already, with another mutex.
    #[track_caller]
    pub fn wait(&self, mutex: Id, release: impl FnOnce(), otherwise: &'static [Chosen]) -> Chosen {
        let place = Location::caller();
        let next = || "unlock and wait".into();
        step_at(place, next, Ready::Always, &[self.id, mutex]);
        let other = self.waiting().waiters.iter().any(|it| it.mutex != mutex);
        assert!(!other, "one condition variable with more than one mutex");
        let woken = Flag::default();
        self.waiting().waiters.push(Waiter {
            mutex,
            woken: woken.clone(),
            calls: Vec::new(),
        });
        release();
        did(|| "releases it, waits".into());

        let ready = Ready::WhenOr(woken.clone(), otherwise);
        let chosen = step_at(place, || "wake up".into(), ready, &[self.id]);
        did(|| match chosen {
            Chosen::TimedOut => "wakes up, late".into(),
            Chosen::Spurious => "wakes up, for no reason".into(),
            Chosen::Ready | Chosen::Older(_) | Chosen::Failed => "is woken".into(),
        });
        self.waiting().leave(&woken);
        chosen
    }

    /// Wakes one of them, and returns whether there was one.
    #[track_caller]
    pub fn wake_one(&self) -> bool {
        step(|| "wake one".into(), Ready::Always, &[self.id]);
        let mut waiting = self.waiting();
        let one = waiting.asleep() > 0;
        if one {
            let call = waiting.next;
            waiting.next += 1;
            for waiter in &mut waiting.waiters {
                waiter.calls.push(call);
                waiter.woken.set(true);
            }
        }
        did(|| if one { "wakes one" } else { "wakes no thread" }.into());
        one
    }

    /// Wakes all of them, and returns how many there were.
    #[track_caller]
    pub fn wake_all(&self) -> usize {
        step(|| "wake all".into(), Ready::Always, &[self.id]);
        let mut waiting = self.waiting();
        let asleep = waiting.asleep();
        for waiter in waiting.waiters.drain(..) {
            waiter.woken.set(true);
        }
        did(|| match asleep {
            0 => "wakes no thread".into(),
            1 => "wakes the only one".into(),
            _ => format!("wakes all {asleep}"),
        });
        asleep
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.try_lock().expect("held for no step")
    }
}

impl Waiting {
    /// How many there are, without those that calls of `wake_one` will bring back.
    fn asleep(&self) -> usize {
        let mut calls: Vec<_> = self.waiters.iter().flat_map(|it| &it.calls).collect();
        calls.sort_unstable();
        calls.dedup();
        self.waiters.len() - calls.len()
    }

    /// This one waits no more, and what woke it wakes no other.
    fn leave(&mut self, woken: &Flag) {
        let me = self.waiters.iter().position(|it| it.woken.is(woken));
        // Not there: `wake_all` has sent all of them away.
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
