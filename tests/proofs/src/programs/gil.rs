//! Threads that hand one lock on to each other, as those of CPython do.

use std::thread;
use std::time::Duration;

use interleave::{Bounds, End, Id, Ready, step};
use real_std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use super::gil::{Gil, Running};
use crate::proof::{Program, Proof};

/// Who holds the lock. To note that is a step.
struct Inside {
    id: Id,
    now: AtomicUsize,
    ever: AtomicUsize,
    two_at_once: AtomicBool,
    handed_over: AtomicBool,
}

impl Inside {
    fn new() -> Self {
        Self {
            id: Id::new(),
            now: AtomicUsize::new(0),
            ever: AtomicUsize::new(0),
            two_at_once: AtomicBool::new(false),
            handed_over: AtomicBool::new(false),
        }
    }

    fn enter(&self) {
        step(|| "note: inside".into(), Ready::Always, &[self.id]);
        self.ever.fetch_add(1, SeqCst);
        if self.now.fetch_add(1, SeqCst) > 0 {
            self.two_at_once.store(true, SeqCst);
        }
    }

    fn leave(&self) {
        step(|| "note: outside".into(), Ready::Always, &[self.id]);
        self.now.fetch_sub(1, SeqCst);
    }

    /// The holder does something in which it may let go of the lock for a time.
    fn outside(&self, act: impl FnOnce()) {
        let before = self.ever.load(SeqCst);
        self.leave();
        act();
        if self.ever.load(SeqCst) != before {
            self.handed_over.store(true, SeqCst);
        }
        self.enter();
    }
}

/// Threads that each take the lock, do something, and let go of it.
fn threads(
    count: usize,
    timeouts: u32,
    act: impl Fn(usize, &mut Running, &Inside) + Send + Sync + 'static,
) -> Program {
    let bounds = Bounds {
        timeouts,
        spurious: 1,
        reduce: true,
        ..Bounds::NONE
    };
    Program::new(bounds, move || {
        let (gil, inside) = (&Gil::new(Duration::from_millis(5)), &Inside::new());
        thread::scope(|scope| {
            for number in 0..count {
                let act = &act;
                scope.spawn(move || {
                    let mut running = gil.acquire();
                    inside.enter();
                    act(number, &mut running, inside);
                    inside.leave();
                    drop(running);
                });
            }
        });
        if inside.two_at_once.load(SeqCst) {
            End::bad("two holders")
        } else if inside.handed_over.load(SeqCst) {
            End::good("handed over")
        } else {
            End::good("in turn")
        }
    })
}

pub fn proofs() -> Vec<Proof> {
    let proof = |what, program| Proof {
        lesson: "gil",
        file: "gil.rs",
        what,
        ends: &["handed over", "in turn"],
        wrong: false,
        programs: vec![program],
    };
    let checks = |count| {
        move |_: usize, running: &mut Running, inside: &Inside| {
            for _ in 0..count {
                inside.outside(|| running.check());
            }
        }
    };
    let io = |number: usize, running: &mut Running, inside: &Inside| match number {
        0 => inside.outside(|| running.release_while(|| ())),
        _ => inside.outside(|| running.check()),
    };
    vec![
        proof("two threads, two checks each", threads(2, 2, checks(2))),
        proof("three threads, a check each", threads(3, 1, checks(1))),
        proof("one waits for I/O, one checks", threads(2, 2, io)),
    ]
}
