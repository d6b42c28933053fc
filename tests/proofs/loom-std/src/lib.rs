//! loom's primitives in the place of `std`'s, and its search: a second opinion on our models. The
//! programs of `tests/own` that loom can run are compiled against this crate.

extern crate loom as peer;
extern crate self as std;
pub extern crate std as real;

use loom::model::Builder;

#[path = "../../peers/peer.rs"]
mod common;

pub use common::{Found, MainEnd};
pub use loom::{hint, sync};
pub use real::{cell, cmp, collections, fmt, marker, mem, ops, time};

/// `std::prelude`.
pub mod prelude {
    pub use crate::real::prelude::*;
}

/// `std::panic`.
pub mod panic {
    pub use crate::real::panic::{AssertUnwindSafe, catch_unwind};
}

/// `std::thread`: loom ends its search when a thread panics, unless the panic is caught.
pub mod thread {
    pub use crate::common::{JoinHandle, spawn};
    pub use loom::thread::{current, park, yield_now};
}

macro_rules! println {
    ($($text:tt)*) => { $crate::common::print(&($crate::real::fmt::format(format_args!($($text)*)) + "\n")) };
}

macro_rules! thread_local {
    ($($text:tt)*) => { peer::thread_local! { $($text)* } };
}

include!(concat!(env!("OUT_DIR"), "/programs.rs"));

/// Runs the program in every order that loom knows.
///
/// # Panics
///
/// If loom does.
pub fn search(main: Program) -> Found {
    let mut builder = Builder::new();
    builder.max_branches = 10_000;
    builder.preemption_bound = None;
    common::begin();
    builder.check(move || common::execute(main));
    common::found()
}
