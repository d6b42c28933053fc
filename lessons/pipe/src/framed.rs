// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021.
//! Messages over a stream of bytes: a pipe, a connected socket, or anything else that reads
//! and writes.
//!
//! A stream has no messages: what was written in two pieces may be read in one or in five.
//! So each message goes as a *frame*: its length in four bytes, the highest first, then
//! the message. (So does Python's `Connection.send_bytes`, up to 2 GiB.)

use std::io::{self, BufReader, ErrorKind, Read, Write};

/// So much of a message is copied, to go out with its length in one system call.
const COPIED: usize = 16 * 1024;
/// So much memory is taken for a message before any of it has arrived.
const AHEAD: usize = 64 * 1024;

/// The end that sends messages. Dropping it closes it, if it owns its `writer`; that is
/// how the other end learns that there will be no more.
#[derive(Debug)]
pub struct FrameWriter<W> {
    writer: W,
    limit: u32,
    /// Of the frame being sent: the length and up to [`COPIED`] bytes.
    start: Vec<u8>,
    /// The first error, if there was one: half a frame may be out, and nothing that
    /// follows would be understood.
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

    /// Sends one message, and waits as long as the stream is full. When it returns, the
    /// whole frame is out: nothing is buffered here.
    ///
    /// The wait ends when the other end reads or is closed. Nothing here ends it if the other
    /// end is open and nobody reads, because its process is stopped, for one: a limit on time
    /// is the stream's, such as [`UnixStream::set_write_timeout`].
    ///
    /// [`UnixStream::set_write_timeout`]: std::os::unix::net::UnixStream::set_write_timeout
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the message is longer than the limit; nothing is
    /// sent then. [`ErrorKind::BrokenPipe`] if nobody can read it any more: the other end
    /// is closed. Any other error of the writer. But for the first, no error gets better:
    /// every later call fails with the same kind.
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
/// It reads ahead: bytes that it took from the stream and has not returned yet are gone
/// when it is dropped.
#[derive(Debug)]
pub struct FrameReader<R> {
    reader: BufReader<R>,
    limit: u32,
    /// The first error inside a frame: nobody knows where the next one begins.
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
    /// The wait ends when the message has arrived or the other end is closed, by all who have
    /// it. Nothing here ends it if the other end is open and silent: a limit on time is the
    /// stream's, such as [`UnixStream::set_read_timeout`]. A time that is up between two
    /// frames breaks nothing, and one may wait again.
    ///
    /// [`UnixStream::set_read_timeout`]: std::os::unix::net::UnixStream::set_read_timeout
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnexpectedEof`] if the other end was closed in the middle of a frame.
    /// [`ErrorKind::InvalidData`] if a frame says that it is longer than the limit. Any
    /// other error of the reader. An error inside a frame does not get better: every later
    /// call fails with the same kind.
    ///
    /// Memory grows with what arrives and not with what a frame says of its length: 64 KiB,
    /// then up to twice of what there is.
    pub fn receive(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        Ok(self.receive_into(&mut message)?.then_some(message))
    }

    /// Like [`receive`](Self::receive), into memory that the caller can use again and again.
    /// Large messages arrive faster so. `false` at the end.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn receive_into(&mut self, message: &mut Vec<u8>) -> io::Result<bool> {
        if let Some(kind) = self.broken {
            return Err(kind.into());
        }
        // The end of the stream is a clean one only here, between two frames.
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
