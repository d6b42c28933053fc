// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; ipc-channel 0.23; serde 1.
//! A child process that is connected to its parent by a typed queue each way.
//!
//! The child is this program, started anew; `main` hands it over to [`run_if_child`]. A
//! socket pair, on the child's side its standard input, is its *lifeline*. First the child
//! says there where to connect to it. From then on it waits there for the end of the file,
//! which comes when the parent is gone, for whatever reason, and leaves.

use std::fmt::{self, Display};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, Command, ExitStatus};
use std::time::Duration;
use std::{env, error, fs, thread};

use ipc_channel::IpcError;
use ipc_channel::ipc::{self, IpcOneShotServer, IpcReceiver, IpcSender};
use serde::{Serialize, de::DeserializeOwned};

/// The environment variable by which a child knows that it is one.
const MARK: &str = "QUEUE_CHILD";

/// In the parent: a child process, the queue to it and the queue from it.
///
/// Values are copied from one process to the other by `serde`. Neither queue has a bound
/// that one could set; a `put` waits while the operating system's buffer is full
/// (on Linux some 200 KiB). Dropping this kills the child; [`join`](Self::join) lets
/// it finish.
pub struct Child<To, From> {
    process: Reaped,
    to: IpcSender<To>,
    from: IpcReceiver<From>,
    _lifeline: UnixStream,
}

/// Why a value could not be put or got.
#[derive(Debug)]
pub enum QueueError {
    /// The child has ended, or was killed; this is how. What it put before that has been got.
    Ended(ExitStatus),
    /// This value cannot be serialised, sent or read back; the queue goes on.
    Failed(IpcError),
}

impl<To, From> Child<To, From>
where
    To: Serialize + DeserializeOwned,
    From: Serialize + DeserializeOwned,
{
    /// Starts this program anew and connects to it. Its `main` gets as far as [`run_if_child`].
    ///
    /// Standard output and error are the parent's; a terminal's Ctrl-C reaches the parent
    /// only. The error says what was missing; nothing is left of the child then. A
    /// child cannot have children of its own.
    pub fn start() -> io::Result<Self> {
        Self::try_start().map_err(|error| {
            io::Error::other(format!("cannot start a child process: {}", advise(&error)))
        })
    }

    fn try_start() -> io::Result<Self> {
        if env::var_os(MARK).is_some() {
            let reason = "this is one itself: `main` calls `run_if_child` first";
            return Err(io::Error::other(reason));
        }
        let (to, inbox) = ipc::channel()?;
        let (outbox, from) = ipc::channel()?;
        let (lifeline, childs_end) = UnixStream::pair()?;
        // ipc-channel panics where it finds no descriptors: set some aside for it.
        let spare = [UnixStream::pair()?, UnixStream::pair()?];
        let process = Command::new(env::current_exe()?)
            .env(MARK, "")
            .stdin(OwnedFd::from(childs_end))
            .process_group(0)
            .spawn()?;
        let mut process = Reaped(process);
        drop(spare);

        // What it says is the name of its server or, without a line end, its last words.
        lifeline.set_read_timeout(Some(Duration::from_secs(30)))?;
        let mut said = String::new();
        let heard = BufReader::new(&lifeline).read_line(&mut said);
        heard.map_err(|error| io::Error::other(format!("it says nothing: {error}")))?;
        let Some(name) = said.strip_suffix('\n') else {
            let status = process.0.wait()?;
            return Err(io::Error::other(format!("it ended ({status}) {said}")));
        };
        let server = IpcSender::connect(name.to_owned());
        remove_socket(name);
        server?.send((inbox, outbox)).map_err(io::Error::other)?;
        Ok(Self {
            process,
            to,
            from,
            _lifeline: lifeline,
        })
    }

    /// The process id of the child.
    pub fn id(&self) -> u32 {
        self.process.0.id()
    }

    /// Puts a value into the queue to the child. That it is in the queue does not mean that
    /// the child will live to get it.
    ///
    /// Keep values below 200 KiB: ipc-channel sends a longer one in parts, and waits for ever
    /// if the child dies between them.
    pub fn put(&mut self, value: To) -> Result<(), QueueError> {
        let result = self.to.send(value);
        result.map_err(|error| self.explain(error))
    }

    /// Waits for the next value from the child, or for the child's end.
    ///
    /// A child that has dropped its end of the queue is expected to end.
    pub fn get(&mut self) -> Result<From, QueueError> {
        let result = self.from.recv();
        result.map_err(|error| self.explain(error))
    }

    /// Kills the child as `kill -9` does. What it has put can still be got.
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.0.kill()
    }

    /// Closes both queues, waits for the child to finish, however long that takes, and
    /// returns how it ended. What has not been got is lost.
    pub fn join(self) -> io::Result<ExitStatus> {
        let Self {
            mut process,
            to,
            from,
            _lifeline,
        } = self;
        drop((to, from));
        process.0.wait()
    }

    fn explain(&mut self, error: IpcError) -> QueueError {
        let over = match &error {
            IpcError::Io(error) => {
                let kind = error.kind();
                kind == ErrorKind::BrokenPipe || kind == ErrorKind::ConnectionReset
            }
            other => matches!(other, IpcError::Disconnected),
        };
        match over.then(|| self.process.0.wait()) {
            Some(Ok(status)) => QueueError::Ended(status),
            Some(Err(error)) => QueueError::Failed(error.into()),
            None => QueueError::Failed(error),
        }
    }
}

/// In the child: runs `body` with the ends of the queue from the parent and of the queue to
/// it, then ends the process. Returns at once if this process is no child.
///
/// Call it first in `main`. There is one `body` for all children of a program: the values
/// it gets tell it what to do. When the parent has closed its queues, getting and putting
/// fail; when the parent has ended, the child does so too, whatever it is doing. A
/// panic in `body` goes on through `main`.
pub fn run_if_child<To, From>(body: impl FnOnce(IpcReceiver<To>, IpcSender<From>))
where
    To: Serialize + DeserializeOwned,
    From: Serialize + DeserializeOwned,
{
    if env::var_os(MARK).is_none() {
        return;
    }
    match connect() {
        Ok((inbox, outbox)) => body(inbox, outbox),
        Err(error) => {
            // If not even this can be said, the exit status has to do.
            let _ = say(&advise(&error));
            process::exit(1);
        }
    }
    process::exit(0)
}

/// In the child: gets the ends of the queues from the parent.
fn connect<Ends: Serialize + DeserializeOwned>() -> io::Result<Ends> {
    let (server, name) = IpcOneShotServer::new()?;
    let socket = name.clone();
    thread::Builder::new().spawn(move || {
        // The parent writes nothing, so this returns when the parent is gone.
        let _ = io::stdin().read(&mut [0]);
        remove_socket(&socket);
        process::exit(1)
    })?;
    say(&format!("{name}\n"))?;
    let (_, ends) = server.accept().map_err(io::Error::other)?;
    Ok(ends)
}

/// In the child: to the parent, by the lifeline.
fn say(text: &str) -> io::Result<()> {
    let lifeline = io::stdin().as_fd().try_clone_to_owned()?;
    UnixStream::from(lifeline).write_all(text.as_bytes())
}

/// Removes the socket of a server, and the folder made for it, if they are still there.
fn remove_socket(name: &str) {
    let _ = fs::remove_file(name);
    let _ = Path::new(name).parent().map(fs::remove_dir);
}

/// What was wrong and, where that is known, what to do about it.
fn advise(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(23 | 24) => format!("{error}; raise `ulimit -n`"),
        _ if error.kind() == ErrorKind::WouldBlock => format!("{error}; raise `ulimit -u`"),
        _ => error.to_string(),
    }
}

/// A process that is killed, and waited for, when this is dropped: no zombie is left.
struct Reaped(process::Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        // Both fail only if it has been waited for already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended(status) => write!(f, "the child has ended ({status})"),
            Self::Failed(error) => write!(f, "the value did not get through: {error}"),
        }
    }
}

impl error::Error for QueueError {}
