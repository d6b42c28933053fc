//! Processes that count in memory that they share. For the search they are threads: what
//! they share is the counter, and nothing else.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

use interleave::{Bounds, End, aside};

use super::racy_counter;
use crate::proof::{Program, Proof, Scene};

const BOUNDS: Bounds = Bounds {
    threads: &["main", "process 1", "process 2"],
    objects: &["counter"],
    ..Bounds::NONE
};

fn count(times: u64, add_one: impl Fn(&AtomicU64) + Send + Sync + 'static) -> Program {
    Program::new(BOUNDS, move || {
        let counter = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..times).for_each(|_| add_one(&counter)));
            }
        });
        let sum = aside(|| counter.load(SeqCst));
        if sum == 2 * times {
            End::good("none lost")
        } else {
            End::bad(format!("{} lost", 2 * times - sum))
        }
    })
}

fn racy(counter: &AtomicU64) {
    racy_counter::add_one(counter, || ());
}

fn right(counter: &AtomicU64) {
    counter.fetch_add(1, SeqCst);
}

pub fn proofs() -> Vec<Proof> {
    vec![
        Proof {
            lesson: "shared-memory",
            file: "racy_counter.rs",
            what: "two processes add 1, 3 times",
            ends: &["none lost", "1 lost", "2 lost", "3 lost", "4 lost"],
            wrong: true,
            programs: vec![count(3, racy)],
        },
        Proof {
            lesson: "shared-memory",
            file: "fetch_add",
            what: "two processes add 1, 3 times",
            ends: &["none lost"],
            wrong: false,
            programs: vec![count(3, right)],
        },
    ]
}

pub fn scene() -> Scene {
    Scene {
        lesson: "shared-memory",
        goal: "lose an update",
        wrong: ("racy_counter.rs", count(1, racy)),
        right: ("fetch_add of std", count(1, right)),
    }
}
