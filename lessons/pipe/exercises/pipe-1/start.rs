//! A frame does not always arrive in one piece. Repair `receive`.
//!
//! It also runs as it is: rustc --edition 2024 pipe-1.rs && ./pipe-1

use std::io::{self, Read, Write};

/// Receives a frame: its length in four bytes, highest byte first, and then so many bytes.
/// `None` if the stream ends before a frame begins.
///
/// # Errors
///
/// If the stream ends inside a frame, if a frame is longer than `limit` bytes, or if reading
/// fails.
pub fn receive(from: &mut impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let _ = limit;
    let mut length = [0; 4];
    if from.read(&mut length)? == 0 {
        return Ok(None);
    }
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    let _ = from.read(&mut frame)?;
    Ok(Some(frame))
}

fn main() -> io::Result<()> {
    let (mut reader, mut writer) = io::pipe()?;
    writer.write_all(b"\0\0\0\x05hello\0\0\0\x05world")?;
    drop(writer);
    while let Some(frame) = receive(&mut reader, 1_000)? {
        println!("{}", String::from_utf8_lossy(&frame));
    }
    Ok(())
}
