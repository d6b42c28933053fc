//! The barrier: coming to it is a step, and going on another.

use interleave::{Flag, Id, PerRun, Ready, changed, did, step};
use real_std::fmt;
use real_std::sync::Mutex;

/// `std::sync::Barrier`.
pub struct Barrier {
    threads: usize,
    state: PerRun<State>,
}

#[derive(Default)]
struct State {
    id: Id,
    /// How many wait, and what they wait for.
    waiting: Mutex<(usize, Flag)>,
}

/// `std::sync::BarrierWaitResult`.
#[derive(Debug)]
pub struct BarrierWaitResult {
    is_leader: bool,
}

impl BarrierWaitResult {
    /// As in `std`.
    pub fn is_leader(&self) -> bool {
        self.is_leader
    }
}

impl Barrier {
    /// As in `std`.
    pub const fn new(threads: usize) -> Self {
        Self {
            threads,
            state: PerRun::new(),
        }
    }

    /// As in `std`: waits.
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let state = self.state.get();
        step(|| "come to the barrier".into(), Ready::Always, &[state.id]);
        let gate = {
            let mut waiting = state.waiting.try_lock().expect("held for no step");
            waiting.0 += 1;
            let gate = waiting.1.clone();
            if waiting.0 >= self.threads {
                *waiting = Default::default();
                gate.set(true);
                changed(state.id);
                did(|| "is the last at the barrier".into());
                return BarrierWaitResult { is_leader: true };
            }
            gate
        };
        did(|| "waits at the barrier".into());
        step(|| "go on from the barrier".into(), Ready::When(gate), &[]);
        BarrierWaitResult { is_leader: false }
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Barrier { .. }")
    }
}
