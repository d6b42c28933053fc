//! **Pipe**: bytes go in at one end and come out at the other, in another process.
//!
//! Python: `multiprocessing.Pipe`, `os.pipe`   Rust: `UnixStream::pair`, `io::pipe`
//!
//!     cargo run -p lesson-pipe        (1 second)
//!
//! A child and its parent talk over the two ends of a connection; an end is
//! closed, and the other learns of it; more goes through than a pipe holds; and
//! two programs are connected, as the shell's `|` does it.
//!
//! Take away: `src/framed.rs`, which makes messages of the bytes.

mod framed;
mod program;

use std::error::Error;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{self, Command, ExitCode};
use std::{env, thread};

use framed::{FrameReader, FrameWriter};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use program::{Program, start, with_advice};
use timing::{Lesson, say};

const MEGABYTE: u32 = 1_000_000;
/// Set for the child, which is a fresh start of this program.
const CHILD: &str = "LESSON_PIPE_CHILD";

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    if env::var_os(CHILD).is_some() {
        // If the parent is gone, there is nobody to complain to.
        return child().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    timing::run(include_str!("main.rs"), &[], |lesson| {
        two_way_connection(lesson)?;
        closing_an_end(lesson)?;
        full_pipe(lesson)?;
        both_directions(lesson)?;
        two_programs(lesson)
    })
}

/// The whole life of the child: it says who it is, then sends back all it receives, until
/// the parent closes its end or dies.
fn child() -> io::Result<()> {
    let connection = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut from_parent = FrameReader::new(&connection, MEGABYTE);
    let mut to_parent = FrameWriter::new(&connection, MEGABYTE);
    to_parent.send(process::id().to_string().as_bytes())?;
    while let Some(message) = from_parent.receive()? {
        to_parent.send(&message)?;
    }
    Ok(())
}

/// The child gets its end as its standard input. Ours of it moves into the command, and
/// is closed with it. `/proc/self/exe` is the program that runs here, also when its file has
/// been replaced or deleted meanwhile.
fn start_child() -> Result<(Program, UnixStream)> {
    let (our_end, its_end) = UnixStream::pair().map_err(with_advice)?;
    let mut command = Command::new("/proc/self/exe");
    let child = start(command.env(CHILD, "").stdin(OwnedFd::from(its_end)))?;
    Ok((child, our_end))
}

/// Each end sends and receives. `receive` waits until a whole message is there, here the
/// parent's, which takes its second.
fn two_way_connection(lesson: &Lesson) -> Result {
    let act = lesson.act("The two ends of a two-way connection");
    let (mut child, connection) = start_child()?;
    let mut to_child = FrameWriter::new(&connection, MEGABYTE);
    let mut from_child = FrameReader::new(&connection, MEGABYTE);
    let mut receive = || -> Result<String> {
        let message = from_child.receive()?.ok_or("the child is gone")?;
        Ok(String::from_utf8(message)?)
    };
    let child_id = receive()?;
    let spans = (
        lesson.lane("parent").waiting("thinks of a message"),
        lesson.lane("child").waiting("waits for it"),
    );
    thread::sleep(timing::seconds(1.0));
    drop(spans);
    say!("parent, process {}: sends 'good morning'", process::id());
    to_child.send(b"good morning")?;
    say!("child, process {child_id}: sends back '{}'", receive()?);
    connection.shutdown(Shutdown::Write)?;
    let status = child.wait()?;
    say!("parent closes its end, so the child leaves: {status}");
    act.end("one message each way");
    Ok(())
}

/// A closed end is not a message but the lack of one: what was sent before still arrives.
fn closing_an_end(lesson: &Lesson) -> Result {
    let act = lesson.act("A one-way pipe: closing an end is how the other learns it is over");
    let (reader, writer) = pipe()?;
    let mut receiver = FrameReader::new(reader, MEGABYTE);
    let mut sender = FrameWriter::new(writer, MEGABYTE);
    sender.send(b"first")?;
    sender.send(b"last")?;
    drop(sender);
    while let Some(message) = receiver.receive()? {
        say!("received '{}'", String::from_utf8(message)?);
    }
    say!("received the end of the file");

    let (reader, writer) = pipe()?;
    drop(reader);
    let mut sender = FrameWriter::new(writer, MEGABYTE);
    if let Err(error) = sender.send(b"anybody there?") {
        say!("sending to nobody: {error}");
    }
    act.end("end of file for the reader, EPIPE for the writer");
    Ok(())
}

/// With `O_NONBLOCK` a write tells that it would have to wait. Without it, it waits.
fn full_pipe(lesson: &Lesson) -> Result {
    let act = lesson.act("A megabyte into a pipe that nobody reads yet");
    let (_reader, mut writer) = pipe()?;
    fcntl(&writer, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    let taken = writer.write(&vec![0; MEGABYTE as usize])?;
    say!("the pipe takes {taken} bytes");
    if let Err(error) = writer.write(&[0]) {
        say!("one more: {error}");
    }
    act.end("full: an ordinary write would wait here until somebody reads");
    Ok(())
}

/// Send all, then receive all, and both processes wait for ever: the child cannot send
/// back, as nobody receives, so it receives no more, so the parent cannot send. The cure:
/// the parent receives while another thread sends.
fn both_directions(lesson: &Lesson) -> Result {
    let act = lesson.act("Ten megabytes there and back");
    let (mut child, connection) = start_child()?;
    let mut to_child = FrameWriter::new(&connection, MEGABYTE);
    let mut from_child = FrameReader::new(&connection, MEGABYTE);
    let _id = from_child.receive()?;
    let sent: Vec<u8> = (0..MEGABYTE).map(|n| (n % 251) as u8).collect();
    let span = lesson.lane("parent").working("");
    let (received, _) = timing::step("send and receive", || {
        thread::scope(|scope| {
            let send_all = || (0..10).try_for_each(|_| to_child.send(&sent));
            let sender = thread::Builder::new().spawn_scoped(scope, send_all);
            sender.map_err(with_advice)?;
            let received: io::Result<Vec<_>> = (0..10).map(|_| from_child.receive()).collect();
            // Should that have failed: nobody goes on sending into a closed connection.
            connection.shutdown(Shutdown::Both)?;
            received
        })
    });
    drop(span);
    let received = received?;
    child.wait()?;
    let intact = received.iter().flatten().filter(|m| **m == sent).count();
    act.end(format_args!("{intact} of 10 came back byte for byte"));
    Ok(())
}

/// What the shell does: one end of a pipe becomes the output of a program, the other the
/// input of the next. Each end moves into its command and is closed with it: if we kept a
/// copy of `to_wc`, `wc` would never see the end.
fn two_programs(lesson: &Lesson) -> Result {
    let act = lesson.act("Two programs connected: seq 1 100000 | wc -l");
    let (from_seq, to_wc) = pipe()?;
    let (mut from_wc, to_us) = pipe()?;
    let mut seq = start(Command::new("seq").args(["1", "100000"]).stdout(to_wc))?;
    let mut wc = start(Command::new("wc").arg("-l").stdin(from_seq).stdout(to_us))?;
    let mut count = String::new();
    from_wc.read_to_string(&mut count)?;
    say!("seq: {}, wc: {}", seq.wait()?, wc.wait()?);
    act.end(format_args!("wc counted {} lines", count.trim()));
    Ok(())
}

/// Both ends are closed on exec, so that no child keeps one open that it does not know of.
fn pipe() -> io::Result<(PipeReader, PipeWriter)> {
    io::pipe().map_err(with_advice)
}
