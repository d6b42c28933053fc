//! The levels of `just play` and of the book, and what is recorded of them.
//!
//! A level is a program with a goal. All its versions are part of this crate, in which `std` is the
//! model (see `own`), and so is what records all states of each; that needs the `real` one.

#[macro_use]
extern crate own as std;
extern crate own as alloc;
extern crate own as core;
extern crate std as real;

// A cell is no step, but its value is in view: see `compiled` in `build.rs`.
use model_std::cell::Cell;
use own::MainEnd;

mod record;

pub use record::{Recording, bounds, record};

/// A level.
#[derive(Debug)]
pub struct Level {
    /// `race-1`.
    pub name: &'static str,
    /// The lesson that it is part of.
    pub lesson: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What to do.
    pub task: &'static str,
    /// What to reach.
    pub goal: Goal,
    /// The exercise that it goes with.
    pub exercise: Option<&'static str>,
    /// The names of the threads.
    pub threads: &'static [&'static str],
    /// The names of what they share; if there are none, those in the source.
    pub objects: &'static [&'static str],
    /// Whether a read may return an older write, as the orderings in the source allow.
    pub orderings: bool,
    /// The program of the level, and then those that the reader chooses from.
    pub versions: &'static [Version],
}

/// What to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A bad end.
    Bad,
    /// A deadlock.
    Deadlock,
    /// To see that there is no bad end.
    None,
    /// An end that prints this.
    End(&'static str),
}

/// A program.
#[derive(Debug)]
pub struct Version {
    /// What was changed.
    pub change: Option<&'static str>,
    /// The file in which it was changed.
    pub changed: &'static str,
    /// Its files as they were compiled, each with its name.
    pub files: &'static [(&'static str, &'static str)],
    /// Runs it.
    pub main: fn() -> Result<(), String>,
}

include!(concat!(env!("OUT_DIR"), "/levels.rs"));
