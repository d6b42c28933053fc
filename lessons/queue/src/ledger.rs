//! The office's ledger, and the tills' bars in the timeline.

use std::mem;
use std::time::Instant;

use timing::{Kind, Lane, Lesson};

use crate::till::Sale;

/// What each till has sold, in the order in which the office got it.
pub type Sales = [Vec<u32>; 3];

pub struct Ledger {
    pub sold: Sales,
    office: Lane,
    /// Of each till, its row in the timeline, and when its last sale came.
    bars: [(Lane, Instant); 3],
    /// When the office's last one came.
    since: Instant,
}

impl Ledger {
    pub fn new(lesson: &Lesson) -> Self {
        let bar = |number| (lesson.lane(format_args!("till {number}")), Instant::now());
        Self {
            sold: Sales::default(),
            office: lesson.lane("office"),
            since: Instant::now(),
            bars: [1, 2, 3].map(bar),
        }
    }

    /// Notes a sale that has just come. A till's bar ends here, with an arrow to the office: how
    /// long the sale was on its way is not measured.
    pub fn enter(&mut self, Sale { number, amount }: Sale) {
        let (lane, since) = &mut self.bars[number - 1];
        lane.sends("a sale");
        self.office.receives("a sale");
        let now = Instant::now();
        lane.record(
            Kind::Waiting,
            amount.to_string(),
            mem::replace(since, now),
            now,
        );
        let since = mem::replace(&mut self.since, now);
        self.office.record(Kind::Waiting, "", since, now);
        self.sold[number - 1].push(amount);
    }
}
