//! What the chapter claims, checked.

#[path = "../src/framed.rs"]
mod framed;

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use framed::{FrameReader, FrameWriter};

const LESSON: &str = env!("CARGO_BIN_EXE_lesson-pipe");
const LIMIT: u32 = 200_000_000;

/// Fails instead of waiting forever.
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    thread::spawn(move || done.send(work()));
    let result = result.recv_timeout(Duration::from_secs(300));
    result.expect("it failed, or it would wait forever")
}

/// Runs the lesson as fast as it goes, with a limit of the shell or a variable set before.
fn lesson_after(shell: &str) -> Output {
    lesson_by(&format!("{shell}; exec \"$0\""))
}

/// Runs a script of the shell, to which the lesson's program is `$0`.
fn lesson_by(script: &str) -> Output {
    let script = script.to_owned();
    in_time(move || {
        let mut shell = Command::new("/bin/bash");
        shell
            .args(["-c", &script, LESSON])
            .env("LESSON_SPEED", "1000");
        shell.output().unwrap()
    })
}

fn output() -> String {
    let output = lesson_after(":");
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The one line on standard error of a lesson that failed.
fn complaint(output: Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

#[test]
fn parent_and_child_are_two_processes_and_the_message_comes_back() {
    let output = output();
    let id_after = |words: &str| {
        let (_, rest) = output.split_once(words).unwrap();
        rest.split_once(": ").unwrap().0.parse::<u32>().unwrap()
    };
    assert_ne!(id_after("parent, process "), id_after("child, process "));
    assert!(output.contains(": sends back 'good morning'\n"), "{output}");
    assert!(
        output.contains("child leaves: exit status: 0\n"),
        "{output}"
    );
}

#[test]
fn the_lesson_shows_eof_epipe_a_full_pipe_and_the_bar_of_the_shell() {
    let output = output();
    for line in [
        "   received 'last'\n   received the end of file\n",
        "   sending to a closed end: Broken pipe",
        "   one more: Resource temporarily unavailable",
        "   => 10 of 10 came back byte for byte",
        "   => wc counted 100000 lines",
    ] {
        assert!(output.contains(line), "{line:?} not in {output}");
    }
}

#[test]
fn a_missing_program_or_a_shortage_is_one_line_that_says_what_to_do() {
    let line = complaint(lesson_after("PATH=/nowhere"));
    assert!(
        line.contains("cannot start seq: it is not installed"),
        "{line}"
    );
    let line = complaint(lesson_after("ulimit -n 6"));
    assert!(line.contains("raise `ulimit -n`"), "{line}");
}

#[test]
fn ignored_sigchld_is_one_line_that_says_what_to_do() {
    let line = complaint(lesson_by("exec env --ignore-signal=CHLD \"$0\""));
    assert!(line.contains("`env --default-signal=CHLD`"), "{line}");
}

/// What is started anew is this program, and not what is found where it was.
#[test]
fn a_program_whose_file_is_gone_or_another_one_runs_to_its_end() {
    for other in ["", "echo '#!/bin/false' >$copy; chmod +x $copy;"] {
        let output = lesson_by(&format!(
            "copy=$(mktemp); trap 'rm -f $copy' EXIT; cat \"$0\" >$copy; chmod +x $copy; \
             exec 3<$copy; rm $copy; {other} (exec /proc/self/fd/3)"
        ));
        assert!(output.status.success(), "{output:?}");
    }
}

/// At this speed the child would otherwise wait for its message for ten seconds.
#[test]
fn the_child_does_not_survive_a_parent_that_is_killed() {
    let mut lesson = Command::new(LESSON)
        .env("LESSON_SPEED", "0.1")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let id = lesson.id();
    let start = Instant::now();
    let child = loop {
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        // Once it is a program of its own: before that, it is a part of starting one.
        let child = children.trim().to_owned();
        let started = fs::read(format!("/proc/{child}/environ"));
        if started.is_ok_and(|environ| environ.windows(17).any(|w| w == b"LESSON_PIPE_CHILD")) {
            break child;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "no child");
        thread::yield_now();
    };
    let killed = Instant::now();
    lesson.kill().unwrap();
    lesson.wait().unwrap();
    // A zombie is not running: it waits to be reaped.
    while fs::read_to_string(format!("/proc/{child}/stat")).is_ok_and(|s| !s.contains(") Z ")) {
        assert!(killed.elapsed() < Duration::from_secs(5));
        thread::yield_now();
    }
}

/// Sends the messages to another thread, which sends them back, and returns what comes.
fn there_and_back(messages: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    in_time(move || {
        let (ours, theirs) = UnixStream::pair().unwrap();
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut reader = FrameReader::new(&theirs, LIMIT);
                let mut writer = FrameWriter::new(&theirs, LIMIT);
                while let Some(message) = reader.receive().unwrap() {
                    writer.send(&message).unwrap();
                }
            });
            scope.spawn(|| {
                let mut writer = FrameWriter::new(&ours, LIMIT);
                messages
                    .iter()
                    .for_each(|message| writer.send(message).unwrap());
                ours.shutdown(Shutdown::Write).unwrap();
            });
            let mut reader = FrameReader::new(&ours, LIMIT);
            std::iter::from_fn(|| reader.receive().unwrap()).collect()
        })
    })
}

/// Bytes that repeat nowhere near a power of two.
fn bytes(length: usize) -> Vec<u8> {
    let some: Vec<u8> = (0..1_009_u32).map(|n| (n * n % 253) as u8).collect();
    some.iter().copied().cycle().take(length).collect()
}

#[test]
fn a_hundred_megabytes_in_one_message_come_back_byte_for_byte() {
    let message = vec![bytes(1_000_003).repeat(100)];
    assert!(there_and_back(message.clone()) == message);
}

#[test]
fn a_hundred_megabytes_in_many_messages_come_back_byte_for_byte() {
    let messages: Vec<_> = (0..200).map(|n| bytes(500_000 + n)).collect();
    assert!(there_and_back(messages.clone()) == messages);
}

/// Empty ones, and those around the sizes of the buffers on the way.
#[test]
fn messages_of_any_length_come_back_byte_for_byte() {
    let around = |n: usize| n.saturating_sub(6)..n + 6;
    let lengths = [0, 8192, 16_384, 65_536, 212_992].map(around);
    let messages: Vec<_> = lengths.into_iter().flatten().map(bytes).collect();
    assert!(there_and_back(messages.clone()) == messages);
}

/// Reads and writes one byte at a time.
struct Dribble<T>(T);

impl<R: Read> Read for Dribble<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let one = buffer.len().min(1);
        self.0.read(&mut buffer[..one])
    }
}

impl<W: Write> Write for Dribble<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(&bytes[..bytes.len().min(1)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[test]
fn how_the_bytes_are_split_on_the_way_does_not_matter() {
    let messages = [bytes(0), bytes(5), bytes(20_000)];
    let mut stream = Vec::new();
    let mut writer = FrameWriter::new(Dribble(&mut stream), LIMIT);
    messages
        .iter()
        .for_each(|message| writer.send(message).unwrap());
    let mut reader = FrameReader::new(Dribble(&stream[..]), LIMIT);
    for message in messages {
        assert_eq!(reader.receive().unwrap(), Some(message));
    }
    assert_eq!(reader.receive().unwrap(), None);
    assert_eq!(reader.receive().unwrap(), None);
}

/// Wherever the stream ends but between two frames.
#[test]
fn an_end_inside_a_frame_is_an_error() {
    let mut stream = Vec::new();
    FrameWriter::new(&mut stream, LIMIT)
        .send(b"good morning")
        .unwrap();
    for cut in 1..stream.len() {
        let mut reader = FrameReader::new(&stream[..cut], LIMIT);
        for _ in 0..2 {
            let error = reader.receive().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "cut at {cut}");
        }
    }
}

#[test]
fn a_frame_that_lies_about_its_length_is_an_error_and_takes_no_memory() {
    let lie = [0xff; 4096];
    let mut reader = FrameReader::new(&lie[..], LIMIT);
    for _ in 0..2 {
        assert_eq!(reader.receive().unwrap_err().kind(), ErrorKind::InvalidData);
    }
    assert!(LARGEST.load(SeqCst) < 1 << 30);
}

#[test]
fn memory_grows_with_what_arrives_and_not_with_what_a_frame_says() {
    let mut stream = 1_000_000_000_u32.to_be_bytes().to_vec();
    stream.extend(bytes(100_000));
    let mut message = Vec::new();
    let mut reader = FrameReader::new(&stream[..], u32::MAX);
    let error = reader.receive_into(&mut message).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert!(message.capacity() < 1_000_000, "{}", message.capacity());
}

#[test]
fn a_limit_on_time_is_the_streams() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    let mut reader = FrameReader::new(&ours, LIMIT);
    let mut late = || reader.receive().unwrap_err().kind() == ErrorKind::WouldBlock;
    assert!(late() && late());
    // Not in the middle of a frame: it goes out in one piece.
    FrameWriter::new(&theirs, LIMIT).send(b"at last").unwrap();
    assert_eq!(reader.receive().unwrap().unwrap(), b"at last");
    let mut theirs = &theirs;
    theirs.write_all(&[0, 0]).unwrap();
    assert_eq!(reader.receive().unwrap_err().kind(), ErrorKind::WouldBlock);
    theirs.write_all(&[0, 1, 7]).unwrap();
    assert_eq!(reader.receive().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_message_that_is_too_long_is_not_sent_and_the_next_one_is() {
    let mut stream = Vec::new();
    let mut writer = FrameWriter::new(&mut stream, 4);
    let error = writer.send(b"12345").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    writer.send(b"1234").unwrap();
    assert_eq!(stream, b"\0\0\0\x041234");
}

#[test]
fn a_closed_end_is_reported_each_time() {
    let (reader, writer) = io::pipe().unwrap();
    let mut writer = FrameWriter::new(writer, LIMIT);
    writer.send(b"first").unwrap();
    drop(reader);
    for _ in 0..2 {
        let error = writer.send(b"second").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    }
}

/// It frames its messages in the same way.
#[test]
fn pythons_connection_understands_it() {
    let echo = "
from multiprocessing.connection import Connection
connection = Connection(0)
while True:
    try: connection.send_bytes(connection.recv_bytes())
    except EOFError: break
";
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut python = Command::new("python3");
    python.args(["-c", echo]).stdin(OwnedFd::from(theirs));
    let Ok(mut child) = python.spawn() else {
        return; // There is no Python on this machine.
    };
    drop(python);
    let answers = in_time(move || {
        let mut writer = FrameWriter::new(&ours, LIMIT);
        let mut reader = FrameReader::new(&ours, LIMIT);
        [5, 100_000].map(|length| {
            writer.send(&bytes(length)).unwrap();
            reader.receive().unwrap()
        })
    });
    assert_eq!(answers, [Some(bytes(5)), Some(bytes(100_000))]);
    assert!(child.wait().unwrap().success());
}

/// The largest piece of memory that any of these tests asked for.
static LARGEST: AtomicUsize = AtomicUsize::new(0);

struct Watched;

// SAFETY: it is the system's allocator.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), SeqCst);
        // SAFETY: as our caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as our caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watched = Watched;
