//! The barrier: coming to it is a step, and going on another.

use interleave::{Flag, Id, Ready, changed, did, step};
use real_std::sync::Mutex;

/// `std::sync::Barrier`.
#[derive(Debug)]
pub struct Barrier {
    id: Id,
    threads: usize,
    /// How many wait, and what they wait for.
    waiting: Mutex<(usize, Flag)>,
}

/// `std::sync::BarrierWaitResult`.
#[derive(Clone, Copy, Debug)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// As in `std`.
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl Barrier {
    /// As in `std`, but not `const`.
    pub fn new(threads: usize) -> Self {
        Self {
            id: Id::new(),
            threads,
            waiting: Mutex::default(),
        }
    }

    /// As in `std`: waits.
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        step(|| "come to the barrier".into(), Ready::Always, &[self.id]);
        let gate = {
            let mut waiting = self.waiting.try_lock().expect("held for no step");
            waiting.0 += 1;
            let gate = waiting.1.clone();
            if waiting.0 >= self.threads {
                *waiting = Default::default();
                gate.set(true);
                changed(self.id);
                did(|| "is the last at the barrier".into());
                return BarrierWaitResult(true);
            }
            gate
        };
        did(|| "waits at the barrier".into());
        step(|| "go on from the barrier".into(), Ready::When(gate), &[]);
        BarrierWaitResult(false)
    }
}
