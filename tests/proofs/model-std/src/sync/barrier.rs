//! The barrier: coming to it is a step, and going on another.

use interleave::{Clock, Flag, Id, PerRun, Ready, changed, clock, did, learn, step};
use real_std::fmt;
use real_std::sync::{Arc, Mutex};

/// `std::sync::Barrier`.
pub struct Barrier {
    threads: usize,
    state: PerRun<State>,
}

#[derive(Default)]
struct State {
    id: Id,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    /// How many wait.
    threads: usize,
    /// What they wait for.
    gate: Flag,
    /// What all that have come know.
    known: Arc<Mutex<Clock>>,
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
        let (gate, known) = {
            let mut waiting = state.waiting.try_lock().expect("held for no step");
            waiting.threads += 1;
            let (gate, known) = (waiting.gate.clone(), Arc::clone(&waiting.known));
            known.lock().expect("no panic").join(&clock());
            if waiting.threads >= self.threads {
                *waiting = Default::default();
                gate.set(true);
                changed(state.id);
                learn(&known.lock().expect("no panic"));
                did(|| "is the last at the barrier".into());
                return BarrierWaitResult { is_leader: true };
            }
            (gate, known)
        };
        did(|| "waits at the barrier".into());
        step(|| "go on from the barrier".into(), Ready::When(gate), &[]);
        learn(&known.lock().expect("no panic"));
        BarrierWaitResult { is_leader: false }
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Barrier { .. }")
    }
}
