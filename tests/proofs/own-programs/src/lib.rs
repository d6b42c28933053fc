//! The programs of `tests/own`, compiled against our models, and our search.

#[macro_use]
extern crate own as std;
extern crate model_parking_lot as parking_lot;
extern crate std as real;

use real::collections::BTreeSet;

use interleave::{Bounds, Seen, search_own};
use own::MainEnd;

include!(concat!(env!("OUT_DIR"), "/programs.rs"));

/// What a search has found.
#[derive(Debug)]
pub struct Found {
    /// How the program can end, with what it has printed by then.
    pub ends: BTreeSet<String>,
    /// How often it was run.
    pub executions: u64,
}

/// How far the peers go: they know neither time-outs nor ends of waits without a reason.
pub const AS_PEERS: Bounds = Bounds {
    most_steps: 2_000,
    reduce: true,
    ..Bounds::NONE
};

/// Runs the program in every order, up to the bounds.
pub fn search(main: Program, bounds: Bounds) -> Found {
    let report = search_own(bounds, main, |_| true);
    let end = |(seen, printed): (Seen, String)| {
        let seen = match seen {
            Seen::Done | Seen::Outlived(_) => "ends".into(),
            Seen::Panicked(words) => {
                let (_, words) = words.split_once(": ").unwrap_or_default();
                format!("panics, {words}")
            }
            Seen::Failed(error) => format!("returns an error, {error}"),
            Seen::Race(_) => "has a data race".into(),
            Seen::Deadlock(_) => "is in a deadlock".into(),
            Seen::Spins(_) => "spins".into(),
            Seen::TooLong => "is too long".into(),
        };
        format!("{seen}: {printed}")
    };
    Found {
        ends: report.ends.into_keys().map(end).collect(),
        executions: report.found.runs,
    }
}
