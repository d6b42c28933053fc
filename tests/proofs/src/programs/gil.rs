//! Threads that hand one lock on to each other, as those of CPython do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use interleave::{Bounds, End, Id, Memory, Ready, step, steps, timeouts_left};
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
    /// A thread gave way without need, or for no other thread.
    wrong: AtomicBool,
}

impl Inside {
    fn new() -> Self {
        Self {
            id: Id::new(),
            now: AtomicUsize::new(0),
            ever: AtomicUsize::new(0),
            two_at_once: AtomicBool::new(false),
            handed_over: AtomicBool::new(false),
            wrong: AtomicBool::new(false),
        }
    }

    fn enter(&self) {
        step(|| "note: inside".into(), Ready::Always, &[self.id]);
        self.ever.fetch_add(1, SeqCst);
        if self.now.fetch_add(1, SeqCst) > 0 {
            self.two_at_once.store(true, SeqCst);
        }
    }

    /// A check gives way only if another thread has the lock before it is over. One step more
    /// than the look at the request says that it gave way.
    fn check(&self, running: &mut Running, may_give_way: bool) {
        let before = self.ever.load(SeqCst);
        self.leave();
        let steps = steps();
        running.check();
        let gave_way = interleave::steps() > steps + 1;
        let handed_over = self.ever.load(SeqCst) != before;
        if gave_way && !(may_give_way && handed_over) {
            self.wrong.store(true, SeqCst);
        }
        if handed_over {
            self.handed_over.store(true, SeqCst);
        }
        self.enter();
    }

    fn leave(&self) {
        step(|| "note: outside".into(), Ready::Always, &[self.id]);
        self.now.fetch_sub(1, SeqCst);
    }

    /// The holder does something in which it may release the lock for a time.
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

impl Inside {
    fn end(&self) -> End {
        if self.two_at_once.load(SeqCst) {
            End::bad("two holders")
        } else if self.wrong.load(SeqCst) {
            End::bad("gave way without need, or for no other thread")
        } else if self.handed_over.load(SeqCst) {
            End::good("handed over")
        } else {
            End::good("in turn")
        }
    }
}

const fn bounds(timeouts: u32) -> Bounds {
    Bounds {
        timeouts,
        spurious: 1,
        reduce: true,
        memory: Memory::AsNamed,
        ..Bounds::NONE
    }
}

/// Threads that each take the lock, do something, and release it.
fn threads(
    count: usize,
    timeouts: u32,
    act: impl Fn(usize, &mut Running, &Inside) + Send + Sync + 'static,
) -> Program {
    Program::new(bounds(timeouts), move || {
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
        inside.end()
    })
}

/// A wait that was over before a thread took the lock is no reason for that thread to give way.
fn an_old_wait() -> Program {
    Program::new(bounds(1), || {
        let (gil, inside) = (&Gil::new(Duration::from_millis(5)), &Inside::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                drop(gil.acquire());
                let may_give_way = timeouts_left() > 0;
                let mut running = gil.acquire();
                inside.enter();
                inside.check(&mut running, may_give_way);
                inside.leave();
            });
            scope.spawn(|| {
                let _running = gil.acquire();
                inside.enter();
                inside.leave();
            });
        });
        inside.end()
    })
}

/// What one does outside waits for the other, who needs the lock for it.
fn io_that_waits() -> Program {
    Program::new(bounds(1), || {
        let (gil, inside) = (&Gil::new(Duration::from_millis(5)), &Inside::new());
        let (done, wait) = channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut running = gil.acquire();
                inside.enter();
                inside.outside(|| running.release_while(|| _ = wait.recv()));
                inside.leave();
            });
            scope.spawn(move || {
                let _running = gil.acquire();
                inside.enter();
                inside.leave();
                drop(done);
            });
        });
        inside.end()
    })
}

pub fn proofs() -> Vec<Proof> {
    const BOTH: &[&str] = &["handed over", "in turn"];
    let proof = |what, ends, program| Proof {
        lesson: "gil",
        file: "gil.rs",
        what,
        ends,
        wrong: false,
        programs: vec![program],
    };
    let checks = |count, may_give_way| {
        move |_: usize, running: &mut Running, inside: &Inside| {
            for _ in 0..count {
                inside.check(running, may_give_way);
            }
        }
    };
    let io = |number: usize, running: &mut Running, inside: &Inside| match number {
        0 => inside.outside(|| running.release_while(|| ())),
        _ => inside.check(running, true),
    };
    // It catches the panic, and goes on with the lock that it has again.
    let panics = |number: usize, running: &mut Running, inside: &Inside| match number {
        0 => inside.outside(|| {
            let io = || running.release_while(|| panic!("out of paper"));
            _ = catch_unwind(AssertUnwindSafe(io));
        }),
        _ => inside.check(running, true),
    };
    vec![
        proof(
            "two threads, two checks each",
            BOTH,
            threads(2, 2, checks(2, true)),
        ),
        proof(
            "three threads, a check each",
            BOTH,
            threads(3, 1, checks(1, true)),
        ),
        proof(
            "no thread waits for too long",
            &["in turn"],
            threads(2, 0, checks(2, false)),
        ),
        proof("a wait from before", BOTH, an_old_wait()),
        proof("one waits for I/O, one checks", BOTH, threads(2, 2, io)),
        proof("one waits for the other", BOTH, io_that_waits()),
        proof("one panics in its I/O", BOTH, threads(2, 1, panics)),
    ]
}
