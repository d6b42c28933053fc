//! The child: a second process of this program, which sends back what it receives.

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{self, Command};
use std::{env, io};

use crate::MEGABYTE;
use crate::framed::{FrameReader, FrameWriter};
use crate::program::{Program, start};

/// The environment variable that makes a process of this program the child.
const CHILD: &str = "LESSON_PIPE_CHILD";

/// In the parent: starts the child, and returns the parent's end of a connection to it.
///
/// The child gets its end as its standard input. `/proc/self/exe` is the running program, even
/// if its file has been replaced or deleted.
pub fn start_child() -> io::Result<(Program, UnixStream)> {
    let (our_end, its_end) = UnixStream::pair()?;
    let mut command = Command::new("/proc/self/exe");
    command.env(CHILD, "").stdin(OwnedFd::from(its_end));
    let child = start(&mut command)?;
    // Here `command` is dropped, and with it our copy of `its_end`.
    Ok((child, our_end))
}

/// Whether this process is the child.
pub fn is_child() -> bool {
    env::var_os(CHILD).is_some()
}

/// In the child: sends its process id, then sends back what it receives, until the parent
/// closes its end or dies.
pub fn send_back() -> io::Result<()> {
    let connection = io::stdin().as_fd().try_clone_to_owned()?;
    let connection = UnixStream::from(connection);
    let mut from_parent = FrameReader::new(&connection, MEGABYTE);
    let mut to_parent = FrameWriter::new(&connection, MEGABYTE);
    to_parent.send(process::id().to_string().as_bytes())?;
    while let Some(message) = from_parent.receive()? {
        to_parent.send(&message)?;
    }
    Ok(())
}
