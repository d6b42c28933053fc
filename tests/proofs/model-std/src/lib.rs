//! A model of `std`: what threads share becomes a step of a search, the rest is the real one.
//!
//! A proof says `extern crate model_std as std;`, and every `use std::...` in a file that it
//! includes means this crate then. It is a **closed list**: a file that uses a primitive that
//! is not modelled here does not compile in the proof, instead of escaping it in silence.
//! (`static`s of real types would escape; the pieces have none.)

extern crate std as real_std;

pub mod cell;
pub mod panic;
pub mod sync;
pub mod thread;

/// What a process leaves behind; the processes themselves are not modelled.
pub mod process {
    pub use real_std::process::ExitStatus;
}

pub use real_std::{
    any, array, cmp, collections, convert, error, fmt, future, hash, io, iter, marker, mem, ops,
    option, pin, ptr, result, slice, str, string, task, time, vec,
};
