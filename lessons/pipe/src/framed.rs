// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! Messages over a stream of bytes: a pipe, a connected socket, or any other reader and writer.
//!
//! A stream does not keep messages apart: two writes may be read as one, or as five. So each
//! message is sent as a *frame*: its length in four bytes, the highest byte first, then the
//! message. (Python's `Connection.send_bytes` does the same, up to 2 GiB.)

use std::io::{self, BufReader, ErrorKind, Read, Write};

/// This many bytes of a message are copied, to be written with its length in one system call.
const COPIED: usize = 16 * 1024;
/// At most this much memory is reserved for a message before its bytes arrive.
const AHEAD: usize = 64 * 1024;

/// The end that sends messages. Dropping it closes its `writer`, if it owns it. That is how
/// the other end learns that no more messages will come.
#[derive(Debug)]
pub struct FrameWriter<W> {
    writer: W,
    limit: u32,
    /// The beginning of the frame being sent: the length, and up to [`COPIED`] bytes.
    start: Vec<u8>,
    /// The first error, if there was one. Half a frame may have been sent, and the reader
    /// would misunderstand all that follows.
    broken: Option<ErrorKind>,
}

impl<W: Write> FrameWriter<W> {
    /// Sends messages of up to `limit` bytes over `writer`.
    pub fn new(writer: W, limit: u32) -> Self {
        Self {
            writer,
            limit,
            start: Vec::new(),
            broken: None,
        }
    }

    /// Sends one message, and blocks while the stream is full. When it returns, the whole
    /// frame has been written: nothing is buffered here.
    ///
    /// It unblocks when the other end reads or is closed. If the other end is open but does not
    /// read, because its process is stopped, for example, it blocks without a limit. For a
    /// time-out, set one on the stream, such as [`UnixStream::set_write_timeout`].
    ///
    /// [`UnixStream::set_write_timeout`]: std::os::unix::net::UnixStream::set_write_timeout
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the message is longer than the limit; nothing is sent.
    /// [`ErrorKind::BrokenPipe`] if the other end is closed. Any other error of the writer.
    /// After any of these but the first, every later call fails with the same kind.
    pub fn send(&mut self, message: &[u8]) -> io::Result<()> {
        if let Some(kind) = self.broken {
            return Err(kind.into());
        }
        if message.len() > self.limit as usize {
            return Err(too_long(ErrorKind::InvalidInput, message.len(), self.limit));
        }
        let sent = self.send_frame(message);
        self.start.clear();
        sent.inspect_err(|error| self.broken = Some(error.kind()))
    }

    fn send_frame(&mut self, message: &[u8]) -> io::Result<()> {
        let (copied, rest) = message.split_at(message.len().min(COPIED));
        self.start.extend((message.len() as u32).to_be_bytes());
        self.start.extend(copied);
        self.writer.write_all(&self.start)?;
        self.writer.write_all(rest)?;
        self.writer.flush()
    }
}

/// The end that receives messages.
///
/// It reads ahead: dropping it loses the bytes that it has read from the stream but not
/// returned yet.
#[derive(Debug)]
pub struct FrameReader<R> {
    reader: BufReader<R>,
    limit: u32,
    /// The first error inside a frame. After it, the start of the next frame is unknown.
    broken: Option<ErrorKind>,
}

impl<R: Read> FrameReader<R> {
    /// Receives messages of up to `limit` bytes over `reader`.
    pub fn new(reader: R, limit: u32) -> Self {
        Self {
            reader: BufReader::new(reader),
            limit,
            broken: None,
        }
    }

    /// Waits for the next message. `None` means that the other end is closed, and that
    /// everything sent before has arrived.
    ///
    /// The wait ends when the message has arrived, or when every process that has the other end
    /// has closed it. If the other end is open but silent, the wait has no limit. For a time-out,
    /// set one on the stream, such as [`UnixStream::set_read_timeout`]. After a time-out between
    /// two frames you may call this again.
    ///
    /// [`UnixStream::set_read_timeout`]: std::os::unix::net::UnixStream::set_read_timeout
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnexpectedEof`] if the other end was closed in the middle of a frame.
    /// [`ErrorKind::InvalidData`] if a frame claims to be longer than the limit. Any other error
    /// of the reader. After an error inside a frame, every later call fails with the same kind.
    ///
    /// Memory grows with the bytes that arrive, not with the length that a frame claims: it is
    /// 64 KiB at first, then at most twice what has arrived.
    pub fn receive(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        Ok(self.receive_into(&mut message)?.then_some(message))
    }

    /// Like [`receive`](Self::receive), into memory that the caller can reuse, which makes large
    /// messages faster. `false` means that the other end is closed.
    ///
    /// # Errors
    ///
    /// As [`receive`](Self::receive).
    pub fn receive_into(&mut self, message: &mut Vec<u8>) -> io::Result<bool> {
        if let Some(kind) = self.broken {
            return Err(kind.into());
        }
        // Only here, between two frames, is the end of the stream no error.
        let Some(first) = self.reader.by_ref().bytes().next().transpose()? else {
            return Ok(false);
        };
        let received = self.rest_of_frame(first, message).map(|()| true);
        received.inspect_err(|error| self.broken = Some(error.kind()))
    }

    fn rest_of_frame(&mut self, first: u8, message: &mut Vec<u8>) -> io::Result<()> {
        let mut length = [first, 0, 0, 0];
        self.reader.read_exact(&mut length[1..])?;
        let length = u32::from_be_bytes(length);
        if length > self.limit {
            let kind = ErrorKind::InvalidData;
            return Err(too_long(kind, length as usize, self.limit));
        }
        message.clear();
        message.reserve(AHEAD.min(length as usize));
        let mut rest = (&mut self.reader).take(length.into());
        match rest.read_to_end(message)? == length as usize {
            true => Ok(()),
            false => Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}

fn too_long(kind: ErrorKind, length: usize, limit: u32) -> io::Error {
    let message = format!("a frame of {length} bytes, the limit is {limit}");
    io::Error::new(kind, message)
}
