// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2024; ipc-channel 0.23; nix 0.31 (fs, signal); serde 1.
//! A child process that is connected to its parent by a typed queue each way. Linux only.
//!
//! The child is this program, started anew; `main` hands it over to [`run_if_child`]. A
//! socket pair, on the child's side its standard input, is its *lifeline*. First the child
//! says there where to connect to it. From then on it waits there for the end of the file,
//! which comes when the parent is gone, for whatever reason, and leaves.

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

/// The running program, even if its file has been replaced or deleted since.
const THIS_PROGRAM: &str = "/proc/self/exe";
/// The first argument of a child. The second names the types of its queues.
const MARK: &str = "child-of-a-queue";
/// How long a child may take from its start to [`run_if_child`].
const START: Duration = Duration::from_secs(30);

/// In the parent: a child process, the queue to it and the queue from it. Dropping this kills
/// the child; [`join`](Self::join) lets it finish. Take the parts out of it to use them on
/// different threads.
#[derive(Debug)]
pub struct Child<To, From> {
    /// The queue to the child.
    pub to: Sender<To>,
    /// The queue from the child.
    pub from: Receiver<From>,
    /// The child.
    pub process: Process,
}

/// The end of a queue that values are put in at.
///
/// Values are copied from one process to the other by serde and postcard. Postcard does not
/// describe itself: `flatten` and `untagged` are errors, and a field that is left out by
/// `skip_serializing_if` shifts those behind it, so that **another value arrives**.
#[derive(Debug)]
pub struct Sender<T>(IpcSender<Kept<T>>);

/// The end of a queue that values come out at.
#[derive(Debug)]
pub struct Receiver<T>(IpcReceiver<T>);

/// Why a value could not be put or got.
#[derive(Debug)]
pub enum QueueError {
    /// The other process has ended, or has closed its end of this queue. What it put before has
    /// been got.
    Closed,
    /// Nothing has come in time.
    Empty,
    /// This value cannot be serialised, sent or read back; the queue goes on.
    Failed(IpcError),
}

impl<T: Serialize> Sender<T> {
    /// Puts a value into the queue. That it is in the queue does not mean that the other process
    /// will live to get it.
    ///
    /// Waits while the system's buffer is full, on Linux some 200 KiB, until the other process
    /// gets something, closes its end or ends. One that does none of it keeps this waiting: if a
    /// child answers each value, put on one thread and get on another; to give up, kill it.
    ///
    /// Keep values below 200 KiB: ipc-channel sends a longer one in parts. If the other process
    /// dies between them, it waits without end. If a signal interrupts it there, the value is
    /// lost, or the other process takes that for the end of the queue.
    pub fn put(&self, value: T) -> Result<(), QueueError> {
        let value = Arc::new(value);
        uninterrupted(|| Ok(self.0.send(Kept(Arc::clone(&value)))?))
    }
}

/// A value that is still there when a signal has interrupted the wait. (With serde's feature
/// `rc` an `Arc` would do. But then each program that has this file could send an `Arc` of its
/// own, and with it a copy of what was to be shared.)
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

    /// Waits for so long at most. (A longer value comes in parts. When the first is there, this
    /// waits for the others.)
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
    /// Starts this program anew and connects to it. Its `main` gets as far as [`run_if_child`],
    /// which has to be for the same types, within 30 seconds.
    ///
    /// Standard output and error are the parent's, standard input is empty; a terminal's Ctrl-C
    /// reaches the parent only. The error says what was missing; nothing is left of the
    /// child then. A child cannot have children of its own.
    pub fn start() -> io::Result<Self> {
        Self::try_start().map_err(|error| {
            let message = format!("cannot start a child process: {}", advise(&error));
            io::Error::new(error.kind(), message)
        })
    }

    fn try_start() -> io::Result<Self> {
        if is_child() {
            let reason = "this is one itself: `main` calls `run_if_child` first";
            return Err(io::Error::other(reason));
        }
        check_folder()?;
        let (to, inbox) = ipc::channel()?;
        let (outbox, from) = ipc::channel()?;
        let (lifeline, childs_end) = UnixStream::pair()?;
        // ipc-channel panics where it finds no descriptors: set some aside for it.
        let spare = [UnixStream::pair()?, UnixStream::pair()?];
        let child = Command::new(THIS_PROGRAM)
            .args([MARK, &types::<To, From>()])
            .stdin(OwnedFd::from(childs_end))
            .process_group(0)
            .spawn()?;
        drop(spare);

        // What it says is the name of its server or, without a line end, its last words.
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

    /// Closes both queues, waits for the child to finish, however long that takes, and
    /// returns how it ended. What has not been got is lost.
    pub fn join(self) -> io::Result<ExitStatus> {
        drop((self.to, self.from));
        let mut process = self.process;
        process.wait()
    }
}

/// A child process, and the lifeline to it. It is killed, and waited for, when this is
/// dropped: no zombie is left.
#[derive(Debug)]
pub struct Process(process::Child, UnixStream);

impl Process {
    /// The process id of the child.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Kills the child as `kill -9` does. What it has put can still be got.
    pub fn kill(&mut self) {
        // Only one that is there: its id may be another's otherwise.
        if let Ok(None) = self.0.try_wait() {
            let _ = self.0.kill();
        }
    }

    /// Waits for the child to end, however long that takes, and returns how it ended.
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

/// In the child: runs `body` with the ends of the queue from the parent and of the queue to
/// it, then ends the process. Returns at once if this process is no child.
///
/// Call it first in `main`. There is one `body` for all children of a program: the values
/// it gets tell it what to do. When the parent has closed its queues, getting and putting
/// fail; when the parent has ended, the child is killed, whatever it is doing. A panic in
/// `body` goes on through `main`.
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
            // If not even this can be said, the exit status has to do.
            let _ = (&lifeline).write_all(advise(&error).as_bytes());
            process::exit(1);
        }
    }
    process::exit(0)
}

fn is_child() -> bool {
    env::args_os().nth(1).is_some_and(|first| first == MARK)
}

/// The same on both sides, if they mean the same types: their names may be those of others.
fn types<To: 'static, From: 'static>() -> String {
    let mut hasher = DefaultHasher::new();
    TypeId::of::<(To, From)>().hash(&mut hasher);
    format!("{} {:x}", type_name::<(To, From)>(), hasher.finish())
}

/// In the child: moves the lifeline out of the way of what reads standard input.
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
        // The parent writes nothing, so this returns when the parent is gone.
        let _ = end.read_to_end(&mut Vec::new());
        remove_socket(&socket);
        let _ = kill(Pid::this(), Signal::SIGKILL);
    })?;
    lifeline.write_all(format!("{name}\n").as_bytes())?;
    // ipc-channel gives up when a signal interrupts it.
    let signals = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
    let accepted = server.accept();
    signals.thread_set_mask()?;
    let (_, ends) = accepted.map_err(io::Error::other)?;
    Ok(ends)
}

/// ipc-channel connects by a socket in this folder; it panics if it cannot make one, and cuts
/// off a name of more than 107 bytes.
fn check_folder() -> io::Result<()> {
    let folder = env::temp_dir();
    // As long as the name that ipc-channel will choose, and no other process's.
    let mine = folder.join(format!(".tmp{:06}", process::id() % 1_000_000));
    let socket = mine.join("socket");
    if socket.to_str().is_none_or(|name| name.len() > 107) {
        let message = format!("set TMPDIR to a shorter name, in UTF-8, than {folder:?}");
        return Err(io::Error::new(ErrorKind::InvalidFilename, message));
    }
    // A file without a name: if this process is killed meanwhile, nothing is left.
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

/// What was wrong and, where that is known, what to do about it.
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
            Self::Empty => write!(f, "nothing has come in time"),
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
