// SPDX-License-Identifier: MIT OR Apache-2.0
//! Started programs: they are always reaped, and their errors say what to do.

use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command, ExitStatus};

use nix::errno::Errno;

/// A started program. Dropping it kills the program, if it still runs, and reaps it.
#[derive(Debug)]
pub struct Program(Child);

/// Starts the command; if that fails, the error names it.
pub fn start(command: &mut Command) -> io::Result<Program> {
    command.spawn().map(Program).map_err(|error| {
        let program = command.get_program().display();
        // A name without a slash is searched for among the installed programs.
        let searched = !command.get_program().as_bytes().contains(&b'/');
        let error = match error.kind() {
            ErrorKind::NotFound if searched => with("it is not installed", error),
            _ => error,
        };
        io::Error::new(error.kind(), format!("cannot start {program}: {error}"))
    })
}

impl Program {
    /// Waits for the program to end. A stopped program must be continued or killed first.
    ///
    /// # Errors
    ///
    /// If SIGCHLD is ignored: then the system does not tell how a child ended. The wait ends
    /// only when all children of this process have ended.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        const ADVICE: &str = "SIGCHLD is ignored, start this with `env --default-signal=CHLD`";
        let ignored = |error: &io::Error| error.raw_os_error() == Some(Errno::ECHILD as i32);
        self.0.wait().map_err(|error| match ignored(&error) {
            true => with(ADVICE, error),
            false => error,
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // If SIGCHLD is ignored, the id of an ended child may belong to another process.
        if let Ok(None) = self.0.try_wait() {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

fn with(advice: &str, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{advice} ({error})"))
}
