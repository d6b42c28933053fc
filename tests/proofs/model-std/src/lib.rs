//! A model of `std`: what threads share becomes a step of a search, the rest is the real one.
//!
//! A proof says `extern crate model_std as std`, and the same `as core` and `as alloc`. Every path
//! into the standard library, in a file that it includes, means this crate then. It is a
//! **closed list**: a file that uses a primitive that is not modelled here does not compile in the
//! proof, instead of escaping it in silence. (What no path leads to, a test looks for:
//! `unsafe`, `static`, `thread_local!`, `extern crate`.)

extern crate std as real_std;

pub mod cell;
pub mod local;
pub mod panic;
pub mod sync;
pub mod thread;

/// What a process leaves behind; the processes themselves are not modelled.
pub mod process {
    pub use real_std::process::ExitStatus;
}

/// Errors, and a place in some bytes, but no input and output.
pub mod io {
    pub use real_std::io::{Cursor, Error, ErrorKind, Result};
}

/// Lengths of time, but no clock: how long anything takes is up to the search.
pub mod time {
    pub use real_std::time::Duration;
}

pub use real_std::{
    any, array, cmp, collections, convert, error, fmt, hash, iter, marker, mem, ops, option, ptr,
    result, slice, str, string, vec,
};
