// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2024; ipc-channel 0.23; nix 0.31 (fs, signal); serde 1.
//! A child process with a typed queue to it and a typed queue from it. Linux only.
//!
//! The child is a second process of this program; its `main` calls [`run_if_child`]. A socket
//! pair, which the child finds as its standard input, is the child's *lifeline*. First the child
//! writes into it where the parent can connect. Then the child reads from it. When the parent
//! ends, in whatever way, the system closes the parent's end, and the child ends as well.

use std::any::{TypeId, type_name};
use std::fmt::{self, Display};
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, error, thread};

use ipc_channel::ipc::{self, IpcOneShotServer, IpcReceiver, IpcSender};
use ipc_channel::{IpcError, TryRecvError};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill};
use nix::unistd::{Pid, dup2_stdin};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The running program, even if its file has been replaced or deleted.
const THIS_PROGRAM: &str = "/proc/self/exe";
/// The first argument of a child. The second one names the types of the queues.
const MARK: &str = "child-of-a-queue";
/// How long a child may take from its start to [`run_if_child`].
const START: Duration = Duration::from_secs(30);

/// In the parent: a child process, the queue to it and the queue from it. Dropping this kills
/// the child; [`join`](Self::join) lets the child finish. To put on one thread and get on
/// another, move the fields out of it.
#[derive(Debug)]
pub struct Child<To, From> {
    /// The queue to the child.
    pub to: Sender<To>,
    /// The queue from the child.
    pub from: Receiver<From>,
    /// The child.
    pub process: Process,
}

/// The end of a queue where values are put in.
///
/// Values are serialised by serde in the format postcard, which stores no names and no types.
/// So `flatten` and `untagged` are errors. A field that `skip_serializing_if` leaves out shifts
/// the fields behind it: **another value arrives**, and there is no error.
#[derive(Debug)]
pub struct Sender<T>(IpcSender<Kept<T>>);

/// The end of a queue where values come out.
#[derive(Debug)]
pub struct Receiver<T>(IpcReceiver<T>);

/// Why a value could not be put or got.
#[derive(Debug)]
pub enum QueueError {
    /// The other process has ended, or has closed its end of this queue. All that it had put
    /// before has been got.
    Closed,
    /// No value has come in time.
    Empty,
    /// This value cannot be serialised, sent or read back. The queue still works.
    Failed(IpcError),
}

impl<T: Serialize> Sender<T> {
    /// Puts a value into the queue. Success does not mean that the other process will get it:
    /// that process may die first.
    ///
    /// Blocks while the system's buffer is full (on Linux 200 KiB, or 280 tiny values), until the
    /// other process gets a value, closes its end or ends. There is no time-out; to give up, kill
    /// the child. If a child answers each value, put on one thread and get on another.
    ///
    /// Keep values below 200 KiB: ipc-channel sends a longer value in parts. If the other process
    /// dies between two parts, this call never returns. If a signal interrupts it there, the
    /// value is lost, or the other process reports the end of the queue.
    pub fn put(&self, value: T) -> Result<(), QueueError> {
        let value = Arc::new(value);
        uninterrupted(|| Ok(self.0.send(Kept(Arc::clone(&value)))?))
    }
}

/// A value that is still there when a signal has interrupted the wait. (An `Arc` alone would do
/// with serde's feature `rc`. But then each program with this file could send its own `Arc`s, and
/// the receiver would get copies of what should be shared.)
#[derive(Debug)]
struct Kept<T>(Arc<T>);

impl<T: Serialize> Serialize for Kept<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Kept<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(|value| Self(Arc::new(value)))
    }
}

impl<T: DeserializeOwned + Serialize> Receiver<T> {
    /// Waits for the next value, until the other process closes its end or ends.
    pub fn get(&self) -> Result<T, QueueError> {
        uninterrupted(|| Ok(self.0.recv()?))
    }

    /// Waits for the next value, at most as long as `limit`. (A value above 200 KiB comes in
    /// parts. After the first part, this waits for the others without a limit.)
    pub fn get_timeout(&self, limit: Duration) -> Result<T, QueueError> {
        let start = Instant::now();
        uninterrupted(|| {
            let left = limit.saturating_sub(start.elapsed());
            self.0.try_recv_timeout(left).map_err(|error| match error {
                TryRecvError::Empty => QueueError::Empty,
                TryRecvError::IpcError(error) => error.into(),
            })
        })
    }
}

fn uninterrupted<T>(mut wait: impl FnMut() -> Result<T, QueueError>) -> Result<T, QueueError> {
    loop {
        match wait() {
            Err(QueueError::Failed(IpcError::Io(error)))
                if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

impl From<IpcError> for QueueError {
    fn from(error: IpcError) -> Self {
        use ErrorKind::{BrokenPipe, ConnectionReset};
        match error {
            IpcError::Disconnected => Self::Closed,
            IpcError::Io(error) if matches!(error.kind(), BrokenPipe | ConnectionReset) => {
                Self::Closed
            }
            error => Self::Failed(error),
        }
    }
}

impl<To, From> Child<To, From>
where
    To: Serialize + DeserializeOwned + 'static,
    From: Serialize + DeserializeOwned + 'static,
{
    /// Starts a second process of this program and connects to it. Its `main` must call
    /// [`run_if_child`] within 30 seconds, for the same types.
    ///
    /// The child has the parent's standard output and error; its standard input is empty. Ctrl-C
    /// in a terminal reaches the parent only. A child cannot start children of its own.
    ///
    /// # Errors
    ///
    /// The error says what was missing. The child has been killed and reaped.
    pub fn start() -> io::Result<Self> {
        Self::try_start().map_err(|error| {
            let message = format!("cannot start a child process: {}", advise(&error));
            io::Error::new(error.kind(), message)
        })
    }

    fn try_start() -> io::Result<Self> {
        if is_child() {
            let reason = "this process is a child: call `run_if_child` first in `main`";
            return Err(io::Error::other(reason));
        }
        check_folder()?;
        let (to, inbox) = ipc::channel()?;
        let (outbox, from) = ipc::channel()?;
        let (lifeline, childs_end) = UnixStream::pair()?;
        // ipc-channel panics if it gets no file descriptors: reserve some for it.
        let spare = [UnixStream::pair()?, UnixStream::pair()?];
        let child = Command::new(THIS_PROGRAM)
            .args([MARK, &types::<To, From>()])
            .stdin(OwnedFd::from(childs_end))
            .process_group(0)
            .spawn()?;
        drop(spare);

        // The child writes the name of its server or, without a line end, its last words.
        lifeline.set_read_timeout(Some(START))?;
        let mut process = Process(child, lifeline);
        let mut said = String::new();
        let heard = BufReader::new(&process.1).read_line(&mut said);
        heard.map_err(|error| io::Error::other(format!("it says nothing: {error}")))?;
        let Some(name) = said.strip_suffix('\n') else {
            process.kill();
            let status = process.wait()?;
            return Err(io::Error::other(format!("it ended ({status}) {said}")));
        };
        let server = IpcSender::connect(name.to_owned());
        remove_socket(name);
        server?.send((inbox, outbox)).map_err(io::Error::other)?;
        Ok(Self {
            to: Sender(to),
            from: Receiver(from),
            process,
        })
    }

    /// Closes both queues, waits for the child to finish, without a time-out, and returns how
    /// the child ended. Values that have not been got are lost.
    pub fn join(self) -> io::Result<ExitStatus> {
        drop((self.to, self.from));
        let mut process = self.process;
        process.wait()
    }
}

/// A child process, and the lifeline to it. Dropping this kills the child and reaps it, so
/// that no zombie is left.
#[derive(Debug)]
pub struct Process(process::Child, UnixStream);

impl Process {
    /// The process id of the child.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Kills the child as `kill -9` does. Values that it has put can still be got.
    pub fn kill(&mut self) {
        // Only if the child still runs: its id may belong to another process by now.
        if let Ok(None) = self.0.try_wait() {
            let _ = self.0.kill();
        }
    }

    /// Waits for the child to end, without a time-out, and returns how it ended.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.0.wait();
        status.map_err(|error| match error.raw_os_error().map(Errno::from_raw) {
            Some(Errno::ECHILD) => io::Error::other(
                "how a child ended is unknown, because this process ignores SIGCHLD",
            ),
            _ => error,
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        let _ = self.wait();
    }
}

/// In a child: runs `body` with the queue from the parent and the queue to the parent, then
/// ends the process. In any other process it returns at once.
///
/// Call it first in `main`. All children of a program run the same `body`: the values that it
/// gets tell it what to do. After the parent has closed the queues, `get` and `put` fail. When
/// the parent ends, the child is killed, whatever it is doing. A panic in `body` unwinds through
/// `main`.
pub fn run_if_child<To, From>(body: impl FnOnce(Receiver<To>, Sender<From>))
where
    To: Serialize + DeserializeOwned + 'static,
    From: Serialize + DeserializeOwned + 'static,
{
    if !is_child() {
        return;
    }
    let Ok(lifeline) = take_lifeline() else {
        process::exit(1)
    };
    match connect(&lifeline, &types::<To, From>()) {
        Ok((inbox, outbox)) => body(Receiver(inbox), Sender(outbox)),
        Err(error) => {
            // If even this write fails, the exit status must do.
            let _ = (&lifeline).write_all(advise(&error).as_bytes());
            process::exit(1);
        }
    }
    process::exit(0)
}

fn is_child() -> bool {
    env::args_os().nth(1).is_some_and(|first| first == MARK)
}

/// Equal in parent and child if their types are. (Two types may have the same name, so the name
/// alone is not enough.)
fn types<To: 'static, From: 'static>() -> String {
    let mut hasher = DefaultHasher::new();
    TypeId::of::<(To, From)>().hash(&mut hasher);
    format!("{} {:x}", type_name::<(To, From)>(), hasher.finish())
}

/// In the child: moves the lifeline to another descriptor, so that standard input is empty.
fn take_lifeline() -> io::Result<UnixStream> {
    let lifeline = io::stdin().as_fd().try_clone_to_owned()?;
    dup2_stdin(File::open("/dev/null")?)?;
    Ok(lifeline.into())
}

/// In the child: gets the ends of the queues from the parent.
fn connect<Ends>(mut lifeline: &UnixStream, types: &str) -> io::Result<Ends>
where
    Ends: Serialize + DeserializeOwned,
{
    if env::args_os().nth(2).is_none_or(|asked| asked != types) {
        let message = format!("`run_if_child` is for other types than `start`: {types}");
        return Err(io::Error::other(message));
    }
    let (server, name) = IpcOneShotServer::new()?;
    let (socket, mut end) = (name.clone(), lifeline.try_clone()?);
    thread::Builder::new().spawn(move || {
        // The parent writes nothing, so this returns when the parent has ended.
        let _ = end.read_to_end(&mut Vec::new());
        remove_socket(&socket);
        let _ = kill(Pid::this(), Signal::SIGKILL);
    })?;
    lifeline.write_all(format!("{name}\n").as_bytes())?;
    // A signal would make ipc-channel fail here.
    let signals = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
    let accepted = server.accept();
    signals.thread_set_mask()?;
    let (_, ends) = accepted.map_err(io::Error::other)?;
    Ok(ends)
}

/// ipc-channel connects through a socket in this folder. It panics if it cannot make the socket,
/// and cuts off a name of more than 107 bytes.
fn check_folder() -> io::Result<()> {
    let folder = env::temp_dir();
    // As long as the name that ipc-channel will choose, and unique to this process.
    let mine = folder.join(format!(".tmp{:06}", process::id() % 1_000_000));
    let socket = mine.join("socket");
    if socket.to_str().is_none_or(|name| name.len() > 107) {
        let message = format!("set TMPDIR to a shorter name, in UTF-8, than {folder:?}");
        return Err(io::Error::new(ErrorKind::InvalidFilename, message));
    }
    // A file without a name: even if this process is killed here, no file is left.
    let mut file = File::options();
    file.write(true).custom_flags(OFlag::O_TMPFILE.bits());
    let made = match file.open(&folder).map(drop) {
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            fs::create_dir(&mine).and_then(|()| fs::remove_dir(&mine))
        }
        made => made,
    };
    made.map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("set TMPDIR to another folder than {folder:?}: {error}"),
        )
    })
}

/// Removes the socket of a server, and the folder made for it, if they are still there.
fn remove_socket(name: &str) {
    let _ = fs::remove_file(name);
    let _ = Path::new(name).parent().map(fs::remove_dir);
}

/// What was wrong and, if this is known, what to do about it.
fn advise(error: &io::Error) -> String {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EMFILE | Errno::ENFILE) => format!("{error}; raise `ulimit -n`"),
        Some(Errno::EAGAIN) => format!("{error}; raise `ulimit -u`"),
        _ => error.to_string(),
    }
}

impl Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => write!(f, "the other process has closed the queue"),
            Self::Empty => write!(f, "no value has come in time"),
            Self::Failed(error) => write!(f, "the value did not get through: {error}"),
        }
    }
}

impl error::Error for QueueError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Failed(error) => Some(error),
            Self::Closed | Self::Empty => None,
        }
    }
}
