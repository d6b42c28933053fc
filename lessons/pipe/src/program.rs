// SPDX-License-Identifier: MIT OR Apache-2.0
//! Started programs that are never left behind, and errors that say what to do.

use std::io;
use std::process::{Child, Command, ExitStatus};

use nix::errno::Errno;

/// A started program. Dropped before it has ended, it is killed and waited for.
pub struct Program(Child);

/// Starts the command; if that fails, the error names it.
pub fn start(command: &mut Command) -> io::Result<Program> {
    command.spawn().map(Program).map_err(|error| {
        let program = command.get_program().display();
        let message = format!("cannot start {program}: {}", with_advice(error));
        io::Error::other(message)
    })
}

impl Program {
    /// Waits for the program to end.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.0.wait()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Adds to an error of the system what to do about it, if that is known.
pub fn with_advice(error: io::Error) -> io::Error {
    let advice = match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EAGAIN) => "too many processes, raise `ulimit -u`",
        Some(Errno::EMFILE) => "too many descriptors, raise `ulimit -n`",
        Some(Errno::ENOENT) => "it is not installed",
        _ => return error,
    };
    io::Error::new(error.kind(), format!("{advice} ({error})"))
}
