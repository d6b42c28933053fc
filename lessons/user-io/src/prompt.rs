// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; tokio 1 (io-util).
//! Asks for lines of input until one of them is a valid answer, without blocking the thread:
//! other tasks run while the user thinks.

use std::io::{Error, ErrorKind, Result};
use std::mem;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// The longest line that is read, in bytes, without its end.
const LONGEST_LINE: u64 = 4096;

/// A source of answers, line by line: a keyboard, a socket, a file.
///
/// For a keyboard, `BufReader::new(tokio::io::stdin())` will do if the program never ends while
/// a question is open: such a read cannot be cancelled, and the runtime waits for it at its end.
#[derive(Debug)]
pub struct Prompt<R> {
    input: R,
    /// The part of the current line that has arrived.
    line: Vec<u8>,
    /// Whether `line` is the rest of a line that was too long.
    too_long: bool,
}

impl<R: AsyncBufRead + Unpin> Prompt<R> {
    /// Nothing is read before the first question.
    pub fn new(input: R) -> Self {
        Self {
            input,
            line: Vec::new(),
            too_long: false,
        }
    }

    /// Reads lines until `parse` accepts one, and returns the answer. For each line that `parse`
    /// refuses, it calls `again` with the line and the reason: ask once more there.
    /// Lines come without the spaces around them; bytes that are not UTF-8 are replaced
    /// by `U+FFFD`. A last line without a line end counts.
    ///
    /// `None` means that the input has ended (at a keyboard: Ctrl-D). Only an answer, an error
    /// or the end of the input ends the wait; for a time limit, use `tokio::time::timeout`.
    ///
    /// Cancel safe: a future that is dropped in the middle of a line loses nothing of it. The
    /// next question continues with that line.
    ///
    /// # Errors
    ///
    /// If the input cannot be read, or a line has more than 4096 bytes
    /// ([`ErrorKind::InvalidData`]). The next question skips the rest of that line.
    pub async fn ask<T, E>(
        &mut self,
        parse: impl Fn(&str) -> std::result::Result<T, E>,
        mut again: impl FnMut(&str, E),
    ) -> Result<Option<T>> {
        while let Some(line) = self.line().await? {
            match parse(line.trim()) {
                Ok(answer) => return Ok(Some(answer)),
                Err(reason) => again(line.trim(), reason),
            }
        }
        Ok(None)
    }

    async fn line(&mut self) -> Result<Option<String>> {
        loop {
            let room = LONGEST_LINE + 1 - self.line.len() as u64;
            let mut input = (&mut self.input).take(room);
            input.read_until(b'\n', &mut self.line).await?;
            let whole = input.limit() > 0 || self.line.ends_with(b"\n");
            let line = mem::take(&mut self.line);
            if mem::replace(&mut self.too_long, !whole) {
                continue;
            }
            if !whole {
                return Err(Error::new(ErrorKind::InvalidData, "a line is too long"));
            }
            let line = (!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned());
            return Ok(line);
        }
    }
}
