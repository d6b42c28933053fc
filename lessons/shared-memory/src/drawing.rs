//! The turns of three tills at a lock, for the timeline. A child process cannot write into the
//! parent's timeline, so it leaves the time in a shared array.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use timing::{Kind, Lesson};

use crate::shared::Shared;

pub struct Turns {
    start: Instant,
    /// When each till acquired the lock, in nanoseconds after the start.
    taken: Shared<[AtomicU64]>,
}

impl Turns {
    pub fn new() -> io::Result<Self> {
        let (start, taken) = (Instant::now(), Shared::<[AtomicU64]>::array(3)?);
        Ok(Self { start, taken })
    }

    /// In a child: the till has acquired the lock.
    pub fn took(&self, till: usize) {
        let now = self.start.elapsed().as_nanos();
        self.taken[till].store(now as u64, SeqCst);
    }

    /// In the parent: each till waited for the lock, and then held it for this long.
    pub fn draw(&self, lesson: &Lesson, hold: Duration) {
        for (till, taken) in (1..).zip(self.taken.iter()) {
            let taken = self.start + Duration::from_nanos(taken.load(SeqCst));
            let lane = lesson.lane(format!("till {till}"));
            lane.record(Kind::Blocked, "", self.start, taken);
            lane.record(Kind::Holding, "", taken, taken + hold);
        }
    }
}
