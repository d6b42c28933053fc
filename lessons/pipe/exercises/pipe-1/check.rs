//! The judge of pipe-1.

mod yours;

use std::fs;
use std::io::{self, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A stream that gives one byte at a time.
struct Drops<'a>(&'a [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(1);
        self.0.read(&mut buffer[..most])
    }
}

/// Three frames, the second one empty, byte by byte.
pub fn byte_by_byte() {
    let mut stream = Drops(b"\0\0\0\x05hello\0\0\0\0\0\0\0\x03you");
    let frames = ["hello", "", "you", "the end"].map(|_| receive(&mut stream));
    assert!(
        frames == ["hello", "", "you", "the end"],
        "the bytes came one at a time, and received were: {frames:?}"
    );
}

/// A program that writes two frames at once, and ends.
pub fn at_once() {
    let (mut child, mut stream) = child("printf '\\0\\0\\0\\003one\\0\\0\\0\\003two'");
    let frames = ["one", "two", "the end"].map(|_| receive(&mut stream));
    assert!(
        frames == ["one", "two", "the end"],
        "both frames came in one piece, and received were: {frames:?}"
    );
    child.wait().unwrap();
}

/// In words.
fn receive(stream: &mut impl Read) -> String {
    match yours::receive(stream, 100) {
        Ok(Some(frame)) if frame.len() > 10 => format!("{} bytes", frame.len()),
        Ok(Some(frame)) => String::from_utf8_lossy(&frame).into_owned(),
        Ok(None) => "the end".into(),
        Err(error) => error.to_string(),
    }
}

fn child(script: &str) -> (Child, ChildStdout) {
    let mut child = Command::new("sh")
        .args(["-c", script])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stream = child.stdout.take().unwrap();
    (child, stream)
}

/// Programs that are killed in the middle of a frame.
pub fn killed_in_the_middle() {
    for (place, sent) in [
        ("inside the length", "\\0\\0"),
        ("behind the length", "\\0\\0\\0\\005"),
        ("inside the bytes", "\\0\\0\\0\\005hell"),
    ] {
        let (mut child, mut stream) = child(&format!("printf '{sent}'; kill -KILL $$"));
        let received = yours::receive(&mut stream, 100);
        assert!(
            received.is_err(),
            "killed {place}, but receive returns {received:?}"
        );
        child.wait().unwrap();
    }
}

/// Lengths up to the limit, and above.
pub fn limits() {
    let frame = |length: u32| [&length.to_be_bytes()[..], &vec![7; length as usize]].concat();
    let received = yours::receive(&mut &frame(100_001)[..], 100_000);
    assert!(
        received.is_err(),
        "100001 bytes are above the limit of 100000"
    );
    match yours::receive(&mut &frame(100_000)[..], 100_000) {
        Ok(Some(bytes)) => println!("as long as the limit: {} bytes", bytes.len()),
        other => println!("as long as the limit: {other:?}"),
    }
}

/// A frame that claims to have a gigabyte.
pub fn a_claim() {
    let before = memory();
    let received = yours::receive(&mut &b"\x40\0\0\0hello"[..], 100);
    assert!(received.is_err(), "a gigabyte is above the limit of 100");
    let used = memory() - before;
    assert!(
        used < 500,
        "{used} MB were reserved for a frame that is refused"
    );
}

/// The most that this process has had, in MB.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmPeak:"));
    let words: Vec<_> = peak.unwrap().split_whitespace().collect();
    words[1].parse::<u64>().unwrap() / 1_000
}
