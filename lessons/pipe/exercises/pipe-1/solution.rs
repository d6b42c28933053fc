//! `read_exact` reads on until a part is whole; only the first byte may be missing.
//!
//! It also runs as it is: rustc --edition 2024 pipe-1.rs && ./pipe-1

use std::io::{self, ErrorKind, Read, Write};

/// Receives a frame: its length in four bytes, highest byte first, and then so many bytes.
/// `None` if the stream ends before a frame begins.
///
/// # Errors
///
/// If the stream ends inside a frame, if a frame is longer than `limit` bytes, or if reading
/// fails.
pub fn receive(from: &mut impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    if from.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut length[1..])?;
    let length = u32::from_be_bytes(length) as usize;
    if length > limit {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut frame = vec![0; length];
    from.read_exact(&mut frame)?;
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
