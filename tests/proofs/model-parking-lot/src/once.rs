//! What is done once: looking whether it is done is a step, and so is the end of doing it.

use std::panic::Location;
use std::sync::Mutex;

use interleave::step_at;
use interleave::{Flag, Id, PerRun, Ready, acquire, changed, did, is_unwinding, release, step};

/// `parking_lot::OnceState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnceState {
    /// Not begun.
    New,
    /// It has panicked.
    Poisoned,
    /// A thread is at it.
    InProgress,
    /// Done.
    Done,
}

impl OnceState {
    /// As in `parking_lot`.
    pub const fn is_poisoned(self) -> bool {
        matches!(self, Self::Poisoned)
    }

    /// As in `parking_lot`.
    pub const fn is_completed(self) -> bool {
        matches!(self, Self::Done)
    }
}

#[derive(Debug)]
struct State {
    id: Id,
    at: Mutex<OnceState>,
    /// No thread is at it.
    idle: Flag,
    done: Flag,
    done_or_poisoned: Flag,
}

impl Default for State {
    fn default() -> Self {
        Self {
            id: Id::new(),
            at: Mutex::new(OnceState::New),
            idle: Flag::new(true),
            done: Flag::default(),
            done_or_poisoned: Flag::default(),
        }
    }
}

impl State {
    fn at(&self) -> OnceState {
        *self.at.lock().expect("no panic")
    }

    fn set(&self, at: OnceState) {
        *self.at.lock().expect("no panic") = at;
        self.idle.set(at != OnceState::InProgress);
        self.done.set(at.is_completed());
        self.done_or_poisoned
            .set(at.is_completed() || at.is_poisoned());
        changed(self.id);
    }
}

/// `parking_lot::Once`.
#[derive(Debug)]
pub struct Once(PerRun<State>);

impl Once {
    /// As in `parking_lot`.
    #[expect(clippy::new_without_default, reason = "as in `parking_lot`")]
    pub const fn new() -> Self {
        Self(PerRun::new())
    }

    /// As in `parking_lot`: waits while another thread is at it.
    ///
    /// # Panics
    ///
    /// If it has panicked before, in any thread.
    #[track_caller]
    pub fn call_once(&self, act: impl FnOnce()) {
        self.call(|at| {
            assert!(
                !at.is_poisoned(),
                "Once instance has previously been poisoned"
            );
            act();
        });
    }

    /// As in `parking_lot`: waits while another thread is at it.
    #[track_caller]
    pub fn call_once_force(&self, act: impl FnOnce(OnceState)) {
        self.call(act);
    }

    #[track_caller]
    fn call(&self, act: impl FnOnce(OnceState)) {
        let (place, state) = (Location::caller(), self.0.get());
        let ready = Ready::When(state.idle.clone());
        step(|| "look whether it is done".into(), ready, &[state.id]);
        acquire(state.id);
        let at = state.at();
        if at.is_completed() {
            return did(|| "finds it done".into());
        }
        did(|| "begins it".into());
        state.set(OnceState::InProgress);
        let _end = Ending(place, &state, is_unwinding());
        act(at);
    }

    /// As in `parking_lot`.
    #[track_caller]
    pub fn state(&self) -> OnceState {
        let state = self.0.get();
        step(|| "look how far it is".into(), Ready::Always, &[state.id]);
        if state.at().is_completed() {
            acquire(state.id);
        }
        state.at()
    }

    /// As in `parking_lot`.
    #[track_caller]
    pub fn is_completed(&self) -> bool {
        self.state().is_completed()
    }

    /// As in `parking_lot`.
    ///
    /// # Panics
    ///
    /// If it has panicked, in any thread.
    #[track_caller]
    pub fn wait(&self) {
        let state = self.0.get();
        let ready = Ready::When(state.done_or_poisoned.clone());
        step(|| "wait until it is done".into(), ready, &[state.id]);
        acquire(state.id);
        assert!(
            !state.at().is_poisoned(),
            "Once instance has previously been poisoned"
        );
    }

    /// As in `parking_lot`: also waits if it has panicked.
    #[track_caller]
    pub fn wait_force(&self) {
        let state = self.0.get();
        let ready = Ready::When(state.done.clone());
        step(|| "wait until it is done".into(), ready, &[state.id]);
        acquire(state.id);
    }
}

/// Ends what is done once, also by a panic.
struct Ending<'a>(&'static Location<'static>, &'a State, bool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let Self(place, state, unwinding) = self;
        step_at(place, || "end it".into(), Ready::Always, &[state.id]);
        release(state.id);
        state.set(match is_unwinding() && !*unwinding {
            true => OnceState::Poisoned,
            false => OnceState::Done,
        });
        did(|| "ends it".into());
    }
}
