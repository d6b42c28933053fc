//! The standard library as a reader's own program sees it when it is searched, and the search.
//!
//! `just prove my.rs` compiles the file with `--extern std=` this crate: threads and what they
//! share are models, printing is recorded, and what differs from run to run is not here, so that
//! the compiler refuses it.

#![expect(
    clippy::legacy_numeric_constants,
    reason = "`std::i32` and the like are paths of `std`"
)]

pub extern crate std as real;

use real::convert::Infallible;

mod play;
mod report;
mod run;
mod watch;

pub use report::{Name, what};
pub use run::{BOUNDS, Programs, letters, run};
pub use watch::begin;

pub use macros::*;
pub use model_std::{sync, thread, thread_local};
pub use real::{
    any, array, ascii, borrow, boxed, char, clone, cmp, collections, convert, default, error, f32,
    f64, fmt, hash, iter, marker, mem, num, ops, option, pin, ptr, rc, result, slice, str, string,
    vec,
};
pub use real::{
    assert, assert_eq, assert_ne, cfg, column, compile_error, concat, debug_assert,
    debug_assert_eq, debug_assert_ne, file, format, format_args, include, include_bytes,
    include_str, line, matches, module_path, stringify, todo, unimplemented, unreachable, write,
    writeln,
};
pub use real::{i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize};

/// The macro only: as a module, `std::panic` is the one below.
mod macros {
    pub use crate::real::panic;
}

/// `std::prelude`, whose macros are those of this crate.
pub mod prelude {
    /// `std::prelude::rust_2024`.
    pub mod rust_2024 {
        pub use crate::real::prelude::rust_2024::*;
        pub use crate::{dbg, eprint, eprintln, print, println, thread_local};
    }
    pub use rust_2024 as v1;
}

/// `std::cell`. What threads share in an `UnsafeCell` has to be ordered by something else.
pub mod cell {
    pub use crate::real::cell::{
        BorrowError, BorrowMutError, Cell, LazyCell, OnceCell, Ref, RefCell, RefMut,
    };
    pub use model_std::cell::UnsafeCell;
}

/// `std::future`.
pub mod future {
    pub use crate::real::future::{
        Future, IntoFuture, Pending, PollFn, Ready, pending, poll_fn, ready,
    };
}

/// `std::hint`.
pub mod hint {
    pub use crate::real::hint::{assert_unchecked, black_box, unreachable_unchecked};
    pub use model_std::thread::yield_now as spin_loop;
}

/// `std::io`, without any input and output.
pub mod io {
    pub use crate::real::io::{
        BufRead, BufReader, Cursor, Error, ErrorKind, Read, Result, Seek, Write,
    };
}

/// `std::panic`.
pub mod panic {
    pub use crate::real::panic::{
        AssertUnwindSafe, Location, RefUnwindSafe, UnwindSafe, panic_any,
    };
    pub use model_std::panic::{catch_unwind, resume_unwind};
}

/// `std::process`: how `main` may end, but no processes.
pub mod process {
    pub use crate::MainEnd as Termination;
    pub use crate::real::process::ExitCode;
}

/// `std::task`, without wakers that share something.
pub mod task {
    pub use crate::real::task::{Context, Poll, Waker, ready};
}

/// `std::time`: lengths of time, but no clock.
pub mod time {
    pub use crate::real::time::Duration;
}

/// How `main` ends: `std::process::Termination`, and the error in words.
pub trait MainEnd: Sized {
    /// As in `std`.
    fn report(self) -> process::ExitCode;

    /// The error, if it is one.
    ///
    /// # Errors
    ///
    /// What `main` has returned.
    #[doc(hidden)]
    fn end(self) -> Result<(), String> {
        let status = self.report();
        match status == process::ExitCode::SUCCESS {
            true => Ok(()),
            false => Err(format!("{status:?}")),
        }
    }
}

impl MainEnd for () {
    fn report(self) -> process::ExitCode {
        process::ExitCode::SUCCESS
    }
}

impl MainEnd for process::ExitCode {
    fn report(self) -> process::ExitCode {
        self
    }
}

impl<T: MainEnd, E: fmt::Debug> MainEnd for Result<T, E> {
    fn report(self) -> process::ExitCode {
        self.map_or(process::ExitCode::FAILURE, MainEnd::report)
    }

    fn end(self) -> Result<(), String> {
        match self {
            Ok(value) => value.end(),
            Err(error) => Err(format!("{error:?}")),
        }
    }
}

/// A function that can be `main`: its value is a [`MainEnd`], or it never returns. (For `!` there can be
/// no such trait on stable Rust. Which of the two it is, the compiler infers.)
#[doc(hidden)]
pub trait Main<Kind> {
    /// Runs it; the error, if it ends with one.
    ///
    /// # Errors
    ///
    /// What it has returned.
    fn run(self) -> Result<(), String>;
}

impl<T: MainEnd, F: FnOnce() -> T> Main<(T,)> for F {
    fn run(self) -> Result<(), String> {
        self().end()
    }
}

/// What a function returns.
trait Returns {
    type Value;
}

impl<T> Returns for fn() -> T {
    type Value = T;
}

/// `!`, in words of stable Rust.
type Never = <fn() -> ! as Returns>::Value;

impl<F: FnOnce() -> Never> Main<Infallible> for F {
    fn run(self) -> Result<(), String> {
        self()
    }
}

/// Records what is printed. As in `std`, what the arguments hold is held until it is printed.
#[doc(hidden)]
#[track_caller]
pub fn print(text: fmt::Arguments<'_>) {
    interleave::print(&text.to_string());
}

/// `std::print!`.
#[macro_export]
macro_rules! print {
    ($($text:tt)*) => {{ $crate::print($crate::real::format_args!($($text)*)); }};
}

/// `std::println!`.
#[macro_export]
macro_rules! println {
    () => { $crate::print!("\n") };
    ($($text:tt)*) => {{
        $crate::print($crate::real::format_args!(
            "{}\n",
            $crate::real::format_args!($($text)*),
        ));
    }};
}

/// `std::eprint!`: printed with the rest.
#[macro_export]
macro_rules! eprint {
    ($($text:tt)*) => { $crate::print!($($text)*) };
}

/// `std::eprintln!`: printed with the rest.
#[macro_export]
macro_rules! eprintln {
    ($($text:tt)*) => { $crate::println!($($text)*) };
}

/// `std::dbg!`: printed with the rest.
#[macro_export]
macro_rules! dbg {
    ($value:expr $(,)?) => {
        match $value {
            value => {
                $crate::println!("{} = {:#?}", $crate::real::stringify!($value), &value);
                value
            }
        }
    };
}
