//! The judge of gil-1.

mod yours;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use yours::Turns;

/// The number of the thread whose turn it is; 0 for none.
struct Now(AtomicU32);

impl Now {
    fn begin(&self, thread: u32) {
        let other = self.0.swap(thread, SeqCst);
        assert!(other == 0, "two threads have their turn at once");
    }

    fn end(&self) {
        self.0.store(0, SeqCst);
    }
}

/// Two threads come while a third has its turn.
pub fn two_wait() {
    let turns = &Turns::new();
    turns.acquire();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                turns.acquire();
                turns.release();
            });
        }
        turns.release();
    });
}

/// Two threads, one turn each.
pub fn one_at_a_time() {
    let (turns, now) = (&Turns::new(), &Now(AtomicU32::new(0)));
    thread::scope(|scope| {
        for thread in 1..=2 {
            scope.spawn(move || {
                turns.acquire();
                now.begin(thread);
                now.end();
                turns.release();
            });
        }
    });
}

/// A thread checks in the middle of its turn, while another one comes.
pub fn hand_over() {
    let (turns, had) = (&Turns::new(), &AtomicU32::new(0));
    turns.acquire();
    let (handed_over, had) = thread::scope(|scope| {
        scope.spawn(|| {
            turns.acquire();
            had.fetch_add(1, SeqCst);
            turns.release();
        });
        let handed_over = turns.check();
        let had = had.load(SeqCst);
        turns.release();
        (handed_over, had)
    });
    match handed_over {
        true => assert!(had == 1, "`check` says true, but no other had its turn"),
        false => assert!(had == 0, "`check` says false, but another had its turn"),
    }
    if handed_over {
        println!("handed over");
    }
}
