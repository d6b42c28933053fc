//! The mutex that its holder can acquire again. Only the first time is a step.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::Mutex;
use std::time::Duration;

use interleave::{Chosen, Flag, Object, PerRun, Ready, Slot, acquire, changed, did, me, release};
use interleave::{step, tries};

use crate::unlocking;

/// `parking_lot::ReentrantMutex`.
pub struct ReentrantMutex<T> {
    object: Object,
    state: PerRun<State>,
    value: Slot<T>,
}

struct State {
    free: Flag,
    /// The thread that holds it, and how often.
    holder: Mutex<Option<(usize, u32)>>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            free: Flag::new(true),
            holder: Mutex::default(),
        }
    }
}

impl State {
    /// Counts the running thread in, if it has it or can have it now.
    fn enter(&self) -> bool {
        let mut holder = self.holder.lock().expect("no panic");
        let entered = match *holder {
            None => Some((me(), 1)),
            Some((thread, times)) => (thread == me()).then_some((thread, times + 1)),
        };
        *holder = entered.or(*holder);
        self.free.set(holder.is_none());
        entered.is_some()
    }

    /// Counts it out. Whether it still has it.
    fn leave(&self) -> bool {
        let mut holder = self.holder.lock().expect("no panic");
        *holder = holder.and_then(|(thread, times)| (times > 1).then_some((thread, times - 1)));
        self.free.set(holder.is_none());
        holder.is_some()
    }

    fn is_mine(&self) -> bool {
        let holder = self.holder.lock().expect("no panic");
        holder.is_some_and(|(thread, _)| thread == me())
    }

    fn is_last(&self) -> bool {
        let holder = self.holder.lock().expect("no panic");
        holder.is_some_and(|(_, times)| times == 1)
    }
}

/// `parking_lot::ReentrantMutexGuard`.
pub struct ReentrantMutexGuard<'a, T> {
    mutex: &'a ReentrantMutex<T>,
    place: &'static Location<'static>,
}

impl<T> ReentrantMutex<T> {
    /// As in `parking_lot`.
    pub const fn new(value: T) -> Self {
        Self {
            object: Object::new(),
            state: PerRun::new(),
            value: Slot::new(value),
        }
    }

    /// As in `parking_lot`: waits for other threads.
    #[track_caller]
    pub fn lock(&self) -> ReentrantMutexGuard<'_, T> {
        let ready = Ready::When(self.state.get().free.clone());
        self.enter("lock", ready).expect("it waits")
    }

    /// As in `parking_lot`: does not wait.
    #[track_caller]
    pub fn try_lock(&self) -> Option<ReentrantMutexGuard<'_, T>> {
        tries();
        self.enter("try to lock", Ready::Always)
    }

    /// As in `parking_lot`; how long the limit is does not matter.
    #[track_caller]
    pub fn try_lock_for(&self, _limit: Duration) -> Option<ReentrantMutexGuard<'_, T>> {
        tries();
        let free = self.state.get().free.clone();
        self.enter("lock in time", Ready::WhenOr(free, &[Chosen::TimedOut]))
    }

    /// As in `parking_lot`: no step, as no other thread can change it.
    pub fn is_owned_by_current_thread(&self) -> bool {
        self.state.get().is_mine()
    }

    /// As in `parking_lot`: no step, as there is only one user.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// As in `parking_lot`.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    #[track_caller]
    fn enter(&self, how: &'static str, ready: Ready) -> Option<ReentrantMutexGuard<'_, T>> {
        let state = self.state.get();
        if !state.is_mine() {
            let id = self.object.id(&());
            step(|| format!("{how} {}", self.object.name()), ready, &[id]);
        }
        let entered = state.enter();
        let did_it = if entered { "locks" } else { "does not get" };
        did(|| format!("{did_it} {}", self.object.name()));
        if !entered {
            return None;
        }
        self.object.set_held(true);
        acquire(self.object.id(&()));
        let (mutex, place) = (self, Location::caller());
        Some(ReentrantMutexGuard { mutex, place })
    }
}

impl<T: Default> Default for ReentrantMutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> fmt::Debug for ReentrantMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReentrantMutex { .. }")
    }
}

impl<T> Drop for ReentrantMutexGuard<'_, T> {
    fn drop(&mut self) {
        let Self { mutex, place } = self;
        let state = mutex.state.get();
        if state.is_last() {
            unlocking(place, &mutex.object);
        }
        release(mutex.object.id(&()));
        if !state.leave() {
            mutex.object.set_held(false);
            changed(mutex.object.id(&()));
        }
    }
}

impl<T> Deref for ReentrantMutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.mutex.value.get()
    }
}

impl<T: fmt::Debug> fmt::Debug for ReentrantMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
