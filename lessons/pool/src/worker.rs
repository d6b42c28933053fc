// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; ipc-channel 0.23.
//! A worker process, to be copied together with `pool.rs`: what comes and goes is bytes here,
//! and `pool.rs` knows what they mean. It needs the crate ipc-channel.
//!
//! A **worker** is this program, started anew; its `main` comes to [`serve`]. Its standard
//! input is a socket, the **lifeline**: there it says where to connect to it, and
//! then waits for the end of the file, which comes when the pool's process is gone,
//! however that happened. The worker leaves then, even in mid-job.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::{net::UnixStream, process::CommandExt};
use std::path::Path;
use std::process::{self, Child, Command};
use std::time::Duration;
use std::{env, fs, panic, thread};

use ipc_channel::ipc::{self, IpcBytesReceiver, IpcBytesSender, IpcOneShotServer, IpcSender};

/// The environment variable that tells a worker the name of its function.
const MARK: &str = "POOL_WORKER";
/// What is sent at once. ipc-channel splits up what is longer than a socket's buffer, and
/// waits for ever if the receiver dies in the middle of that.
const PACKET: usize = 64 * 1024;

/// The way to a worker and back. The worker leaves when this is dropped.
pub struct Worker {
    jobs: IpcBytesSender,
    answers: IpcBytesReceiver,
    _lifeline: UnixStream,
}

impl Worker {
    /// Starts the program anew and connects to it. A terminal's Ctrl-C does not reach it.
    ///
    /// The worker serves the function of this name, and cannot start a worker of its own. The
    /// error says what was missing; no process is left behind then.
    pub fn start(function: &str) -> io::Result<(Self, Process)> {
        connect(function).map_err(not_started)
    }

    /// Sends a chunk of jobs. After an error the worker does not have them whole, and so
    /// begins none of them.
    pub fn send(&self, jobs: &[u8]) -> io::Result<()> {
        send(&self.jobs, jobs)
    }

    /// Waits for the answers to the chunk, or for the worker's end, which is an error.
    pub fn receive(&self) -> io::Result<Vec<u8>> {
        receive(&self.answers)
    }
}

/// A worker's process. It is killed and reaped at the latest when this is dropped.
pub struct Process(Child);

impl Process {
    /// Its id, which may be another's as soon as it is reaped.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Kills the process, if it still runs, reaps it, and says how it ended. Whoever sends to
    /// the worker or waits for its answers gets an error then.
    pub fn end(&mut self) -> String {
        let _ = self.0.kill();
        let status = self.0.wait().map(|status| status.to_string());
        status.unwrap_or_else(|error| error.to_string())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

fn connect(function: &str) -> io::Result<(Worker, Process)> {
    if env::var_os(MARK).is_some() {
        let reason = format!("`main` must first call `work_if_worker({function})`");
        return Err(io::Error::other(reason));
    }
    let (jobs, inbox) = ipc::bytes_channel()?;
    let (outbox, answers) = ipc::bytes_channel()?;
    let (lifeline, workers_end) = UnixStream::pair()?;
    // ipc-channel panics where it finds no descriptors: set some aside for it.
    let spare = [UnixStream::pair()?, UnixStream::pair()?];
    let mut command = Command::new(env::current_exe()?);
    command.env(MARK, function).process_group(0);
    let mut process = Process(command.stdin(OwnedFd::from(workers_end)).spawn()?);
    drop((spare, command));

    // What it says is the name of its server or, without a line end, its last words.
    lifeline.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut said = String::new();
    let heard = BufReader::new(&lifeline).read_line(&mut said);
    heard.map_err(|error| io::Error::other(format!("it says nothing: {error}")))?;
    let Some(name) = said.strip_suffix('\n') else {
        let status = process.end();
        return Err(io::Error::other(format!("it ended ({status}) {said}")));
    };
    let server = IpcSender::connect(name.to_owned());
    remove_socket(name);
    server?.send((inbox, outbox)).map_err(io::Error::other)?;
    let worker = Worker {
        jobs,
        answers,
        _lifeline: lifeline,
    };
    Ok((worker, process))
}

/// In a worker that serves the function of this name: answers each chunk by `answer` until
/// that is an error, and ends the process. Returns at once in any other process.
///
/// The messages of panics are not printed from then on.
pub fn serve(function: &str, answer: impl Fn(&[u8]) -> io::Result<Vec<u8>>) {
    if env::var_os(MARK).is_some_and(|mark| mark == function) {
        if let Err(error) = work(answer) {
            // If not even this can be said, the exit status has to do.
            let _ = say(&advise(&error));
        }
        process::exit(1);
    }
}

fn work(answer: impl Fn(&[u8]) -> io::Result<Vec<u8>>) -> io::Result<()> {
    let (server, name) = IpcOneShotServer::<(IpcBytesReceiver, IpcBytesSender)>::new()?;
    let socket = name.clone();
    thread::Builder::new().spawn(move || {
        // The pool writes nothing, so this returns when its process is gone.
        let _ = io::stdin().read(&mut [0]);
        remove_socket(&socket);
        process::exit(1)
    })?;
    say(&format!("{name}\n"))?;
    let (_, (inbox, outbox)) = server.accept().map_err(io::Error::other)?;

    panic::set_hook(Box::new(|_| ()));
    loop {
        send(&outbox, &answer(&receive(&inbox)?)?)?;
    }
}

/// To the pool, by the lifeline.
fn say(text: &str) -> io::Result<()> {
    let lifeline = io::stdin().as_fd().try_clone_to_owned()?;
    UnixStream::from(lifeline).write_all(text.as_bytes())
}

/// Sends bytes in packets, of which the last is the first that is not full.
fn send(channel: &IpcBytesSender, bytes: &[u8]) -> io::Result<()> {
    let mut packets = bytes.chunks_exact(PACKET);
    packets.try_for_each(|packet| channel.send(packet))?;
    channel.send(packets.remainder())
}

fn receive(channel: &IpcBytesReceiver) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let packet = channel.recv().map_err(io::Error::other)?;
        bytes.extend_from_slice(&packet);
        if packet.len() < PACKET {
            return Ok(bytes);
        }
    }
}

/// Removes the socket of a one-shot server and its folder, if they are still there.
fn remove_socket(name: &str) {
    let _ = fs::remove_file(name);
    let _ = Path::new(name).parent().map(fs::remove_dir);
}

/// Says of an error that it kept a worker, or the thread that drives it, from starting.
pub fn not_started(error: io::Error) -> io::Error {
    io::Error::other(format!("cannot start a worker: {}", advise(&error)))
}

/// What was wrong and, where that is known, what to do about it.
fn advise(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(23 | 24) => format!("{error}; raise `ulimit -n`"),
        _ if error.kind() == ErrorKind::WouldBlock => format!("{error}; raise `ulimit -u`"),
        _ => error.to_string(),
    }
}
