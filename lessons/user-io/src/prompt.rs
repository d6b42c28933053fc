// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; tokio 1 (io-util).
//! Asks for lines of input until one of them is a valid answer, without blocking the
//! thread: other tasks go on while somebody thinks.

use std::io::{Error, ErrorKind, Result};
use std::mem;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// The longest line that is read, in bytes, without its end.
const LONGEST_LINE: u64 = 4096;

/// Somebody who answers line by line: a keyboard, a socket, a file.
///
/// A keyboard can be `BufReader::new(tokio::io::stdin())` if the program never ends while
/// a question is open: a read of it cannot be given up, and the runtime waits for it.
#[derive(Debug)]
pub struct Prompt<R> {
    input: R,
    /// What has arrived of the line that is being typed.
    line: Vec<u8>,
    /// Whether that is the rest of a line that was too long.
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

    /// Reads lines until `parse` accepts one, and returns the answer. Each line that it
    /// refuses goes to `again` with the reason, which is the place to ask once more.
    /// A line comes without the spaces around it; bytes that are not UTF-8 are replaced
    /// by `U+FFFD`. A last line without an end counts.
    ///
    /// `None` means that the input has ended (at a keyboard: Ctrl-D). Nothing else but an
    /// answer or an error ends the wait; a limit on time is up to you.
    ///
    /// A question may be given up: a future dropped in the middle of a line loses none of
    /// it, the next question reads on from there.
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
