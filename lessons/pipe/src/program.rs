// SPDX-License-Identifier: MIT OR Apache-2.0
//! Started programs that are never left behind, and errors that say what to do.

use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command, ExitStatus};

use nix::errno::Errno;

/// A started program. Dropped before it has ended, it is killed and waited for.
#[derive(Debug)]
pub struct Program(Child);

/// Starts the command; if that fails, the error names it.
pub fn start(command: &mut Command) -> io::Result<Program> {
    command.spawn().map(Program).map_err(|error| {
        let program = command.get_program().display();
        // A name without a slash was looked for among the programs that are installed.
        let searched = !command.get_program().as_bytes().contains(&b'/');
        let error = match error.kind() {
            ErrorKind::NotFound if searched => with("it is not installed", error),
            _ => with_advice(error),
        };
        io::Error::new(error.kind(), format!("cannot start {program}: {error}"))
    })
}

impl Program {
    /// Waits for the program to end; one that is stopped has to be continued or killed for it.
    ///
    /// # Errors
    ///
    /// If this program was started with SIGCHLD ignored: then nobody is told how a child
    /// ended. The wait is over only when all children have ended.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.0.wait().map_err(with_advice)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // With SIGCHLD ignored, one that has ended is gone, and its id may be another's.
        if let Ok(None) = self.0.try_wait() {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// Adds to an error of the system what to do about it, if that is known.
pub fn with_advice(error: io::Error) -> io::Error {
    let advice = match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EAGAIN) => "too many processes, raise `ulimit -u`",
        Some(Errno::EMFILE) => "too many descriptors, raise `ulimit -n`",
        Some(Errno::ECHILD) => "SIGCHLD is ignored, start this with `env --default-signal=CHLD`",
        _ => return error,
    };
    with(advice, error)
}

fn with(advice: &str, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{advice} ({error})"))
}
