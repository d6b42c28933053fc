//! The one crate that all lessons share: it keeps their time.
//!
//! - [`seconds`] hands out the tutorial's waits, scaled by `LESSON_SPEED`;
//! - [`Act`] and [`step`] are stopwatches that print in one house style;
//! - [`Lane`] records what a thread, process or task does, and the lesson ends
//!   with a chart of all lanes, which `LESSON_TRACE=FILE` saves for Perfetto; there it also shows
//!   what one lane [sends](Lane::sends) to another, and [values](Lesson::value) over time;
//! - [`run`] is the frame of every `main`: arguments, errors, the final chart;
//! - [`say!`] prints a line and ends the program without a panic when the reader has closed
//!   the pipe or the disk is full.
//!
//! It has no dependencies and knows nothing of what the lessons teach.

#[cfg(windows)]
compile_error!(
    "the lessons run on Linux (most on macOS too): they use fork, pipes and Unix sockets; \
     on Windows, use the Windows Subsystem for Linux"
);

mod chart;
mod lane;
mod lesson;
mod output;
mod pace;
mod pretty;
mod trace;

pub use chart::chart;
pub use lane::{Kind, Lane, Recorded, Recording, Span};
pub use lesson::{Act, Lesson, run, step};
pub use output::print_line;
pub use pace::seconds;
pub use pretty::pretty;
