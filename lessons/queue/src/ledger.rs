//! The office's ledger, and the tills' bars in the timeline.

use std::mem;
use std::time::Instant;

use timing::{Kind, Lane, Lesson};

use crate::till::Sale;

/// What each till has sold, in the order in which the office got it.
pub type Sales = [Vec<u32>; 3];

pub struct Ledger {
    pub sold: Sales,
    /// Of each till, its row in the timeline, and when its last sale came.
    bars: [(Lane, Instant); 3],
}

impl Ledger {
    pub fn new(lesson: &Lesson) -> Self {
        let bar = |number| (lesson.lane(format_args!("till {number}")), Instant::now());
        Self {
            sold: Sales::default(),
            bars: [1, 2, 3].map(bar),
        }
    }

    /// Notes a sale that has just come.
    pub fn enter(&mut self, Sale { number, amount }: Sale) {
        let (lane, since) = &mut self.bars[number - 1];
        let start = mem::replace(since, Instant::now());
        lane.record(Kind::Waiting, amount.to_string(), start, *since);
        self.sold[number - 1].push(amount);
    }
}
