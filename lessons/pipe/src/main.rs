//! **Pipe**: bytes go in at one end and come out at the other, in another process.
//!
//! Python: `multiprocessing.Pipe`, `os.pipe`   Rust: `UnixStream::pair`, `io::pipe`
//!
//!     cargo run -p lesson-pipe        (1 second)
//!
//! A child and its parent talk over the two ends of a connection. Then a pipe is
//! closed at either end, filled until it is full, and put between two programs, as
//! the shell's `|` does it.
//!
//! Take away: `src/framed.rs`, which makes messages of the bytes.

mod child;
mod framed;
mod program;

use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::process::{self, Command, ExitCode};
use std::thread;

use child::start_child;
use framed::{FrameReader, FrameWriter};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use program::start;
use timing::{Lesson, say};

/// The longest message.
const MEGABYTE: u32 = 1_000_000;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    if child::is_child() {
        // An error means that the parent has ended: there is no one to report it to.
        return child::send_back().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let act = lesson.act("The two ends of a two-way connection");
        two_way_connection(lesson)?;
        act.end("one message each way");

        let act = lesson.act("A one-way pipe: what a closed end tells the other end");
        closing_an_end()?;
        act.end("end of file for the reader, EPIPE for the writer");

        let act = lesson.act("A megabyte into a pipe while no one reads");
        full_pipe()?;
        act.end("full: an ordinary write would block here until someone reads");

        let act = lesson.act("Ten megabytes there and back");
        let intact = both_directions()?;
        act.end(format_args!("{intact} of 10 came back byte for byte"));

        let act = lesson.act("Two programs connected: seq 1 100000 | wc -l");
        let lines = two_programs()?;
        act.end(format_args!("wc counted {lines} lines"));
        Ok(())
    })
}

/// Each end sends and receives. The child blocks in `receive` for the second that the parent
/// takes.
fn two_way_connection(lesson: &Lesson) -> Result {
    let (mut child, connection) = start_child()?;
    let mut to_child = FrameWriter::new(&connection, MEGABYTE);
    let mut from_child = FrameReader::new(&connection, MEGABYTE);
    let mut receive = || -> Result<String> {
        let message = from_child.receive()?.ok_or("the child has ended")?;
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
    Ok(())
}

/// What was sent before the writer was closed still arrives.
fn closing_an_end() -> Result {
    let (reader, writer) = io::pipe()?;
    let mut receiver = FrameReader::new(reader, MEGABYTE);
    let mut sender = FrameWriter::new(writer, MEGABYTE);
    sender.send(b"first")?;
    sender.send(b"last")?;
    drop(sender);
    while let Some(message) = receiver.receive()? {
        say!("received '{}'", String::from_utf8(message)?);
    }
    say!("received the end of file");

    let (reader, writer) = io::pipe()?;
    let mut sender = FrameWriter::new(writer, MEGABYTE);
    drop(reader);
    match sender.send(b"hello?") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            say!("sending to a closed end: {error}");
        }
        sent => sent?,
    }
    Ok(())
}

/// With `O_NONBLOCK`, a write that would have to wait fails instead.
fn full_pipe() -> Result {
    let (_reader, mut writer) = io::pipe()?;
    fcntl(&writer, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    let taken = writer.write(&vec![0; MEGABYTE as usize])?;
    say!("the pipe takes {taken} bytes");
    match writer.write(&[0]) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            say!("one more: {error}");
        }
        written => _ = written?,
    }
    Ok(())
}

/// One thread sends while another receives. How many messages came back intact?
fn both_directions() -> Result<usize> {
    let (mut child, connection) = start_child()?;
    let mut to_child = FrameWriter::new(&connection, MEGABYTE);
    let mut from_child = FrameReader::new(&connection, MEGABYTE);
    let _id = from_child.receive()?;
    let sent: Vec<u8> = (0..MEGABYTE).map(|n| (n % 251) as u8).collect();
    let (received, _) = timing::step("send and receive", || {
        thread::scope(|scope| {
            scope.spawn(|| (0..10).try_for_each(|_| to_child.send(&sent)));
            let messages = (0..10).map(|_| from_child.receive());
            messages.collect::<io::Result<Vec<_>>>()
        })
    });
    connection.shutdown(Shutdown::Write)?;
    child.wait()?;
    Ok(received?.iter().flatten().filter(|m| **m == sent).count())
}

/// As in the shell: one end of a pipe becomes the output of a program, the other end the
/// input of the next program.
fn two_programs() -> Result<String> {
    let (from_seq, to_wc) = io::pipe()?;
    let (mut from_wc, to_us) = io::pipe()?;
    // Each `Command` is dropped at once, with the ends in it.
    let mut seq = start(Command::new("seq").args(["1", "100000"]).stdout(to_wc))?;
    let mut wc = start(Command::new("wc").arg("-l").stdin(from_seq).stdout(to_us))?;
    let mut count = String::new();
    from_wc.read_to_string(&mut count)?;
    say!("seq: {}, wc: {}", seq.wait()?, wc.wait()?);
    Ok(count.trim().to_owned())
}
