//! What a proof is.

use interleave::{Bounds, End, Found, Graph, graph, search};
use real_std::collections::{BTreeMap, BTreeSet};
use real_std::fmt;
use real_std::sync::Arc;

/// A program that is run under every schedule.
#[derive(Clone)]
pub struct Program {
    /// Its threads and objects, and how far the search goes.
    pub bounds: Bounds,
    run: Arc<dyn Fn() -> End + Send + Sync>,
}

impl Program {
    /// A program with these bounds.
    pub fn new(bounds: Bounds, run: impl Fn() -> End + Send + Sync + 'static) -> Self {
        let run = Arc::new(run);
        Self { bounds, run }
    }

    /// Runs it under every schedule.
    pub fn search(&self) -> Found {
        let run = Arc::clone(&self.run);
        search(self.bounds, move || run())
    }

    /// Runs it under every schedule, and keeps all its states.
    pub fn graph(&self) -> Graph {
        let run = Arc::clone(&self.run);
        graph(self.bounds, move || run())
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}

/// A claim about all schedules of some programs that use a lesson's file.
#[derive(Debug)]
pub struct Proof {
    /// The lesson.
    pub lesson: &'static str,
    /// The lesson's file.
    pub file: &'static str,
    /// What the programs do, in a few words.
    pub what: &'static str,
    /// How they end, each way at least once, and in no other way.
    pub ends: &'static [&'static str],
    /// Whether the file is wrong on purpose: then one of the ends has to be a bad one.
    pub wrong: bool,
    /// The programs.
    pub programs: Vec<Program>,
}

/// What came out of a proof.
#[derive(Debug)]
pub struct Outcome {
    /// How many schedules were run.
    pub schedules: u64,
    /// Whether accesses could read what their orderings allow: see [`interleave::Memory`].
    pub weak: bool,
    /// How often each end was seen.
    pub ends: BTreeMap<End, u64>,
    /// How many threads took steps, and how many steps the busiest one took at most.
    pub size: (usize, usize),
    /// Why the claim does not hold, if so.
    pub failure: Option<String>,
}

impl Proof {
    /// Runs all schedules.
    pub fn check(&self) -> Outcome {
        let mut outcome = Outcome {
            schedules: 0,
            weak: false,
            ends: BTreeMap::new(),
            size: (0, 0),
            failure: None,
        };
        for program in &self.programs {
            let found = program.search();
            outcome.schedules += found.schedules;
            outcome.weak |= found.weak;
            let threads = found.steps.iter().filter(|&&steps| steps > 0).count();
            let steps = found.steps.into_iter().max().unwrap_or(0);
            outcome.size.0 = outcome.size.0.max(threads);
            outcome.size.1 = outcome.size.1.max(steps);
            for (end, count) in found.ends {
                *outcome.ends.entry(end).or_default() += count;
            }
        }
        outcome.failure = self.failure(&outcome);
        outcome
    }

    /// The first program that ends badly, and how. If none does, why the claim fails.
    ///
    /// Not complete if `at_most` so many runs of each program are too few; then only a bad end
    /// counts.
    pub fn refute(&self, at_most: u64) -> Option<String> {
        let mut some = Self {
            programs: self.programs.clone(),
            ..*self
        };
        for program in &mut some.programs {
            program.bounds.stop_at_first_bad = true;
            program.bounds.at_most = at_most;
        }
        let outcome = some.check();
        let bad = outcome.ends.keys().find(|end| end.bad);
        let bad = bad.map(|end| end.what.clone());
        bad.or(outcome.failure.filter(|_| at_most == u64::MAX))
    }

    fn failure(&self, outcome: &Outcome) -> Option<String> {
        let expected: BTreeSet<&str> = self.ends.iter().copied().collect();
        let seen: BTreeSet<&str> = outcome.ends.keys().map(|end| end.what.as_str()).collect();
        let bad = outcome.ends.keys().any(|end| end.bad);
        if outcome.schedules < 2 {
            Some("there was only one schedule to try".into())
        } else if bad && !self.wrong {
            Some("it ends badly".into())
        } else if self.wrong && !bad {
            Some("it is wrong on purpose, and never ends badly".into())
        } else if let Some(end) = seen.difference(&expected).next() {
            Some(format!("an end that was not expected: {end}"))
        } else {
            let missing = expected.difference(&seen).next();
            missing.map(|end| format!("it never ends like this: {end}"))
        }
    }
}

/// A small program to watch, once with the wrong file and once with the right one.
#[derive(Debug)]
pub struct Scene {
    /// The lesson.
    pub lesson: &'static str,
    /// What to try.
    pub goal: &'static str,
    /// The wrong file, and the program with it.
    pub wrong: (&'static str, Program),
    /// The right file, and the same with that.
    pub right: (&'static str, Program),
}
