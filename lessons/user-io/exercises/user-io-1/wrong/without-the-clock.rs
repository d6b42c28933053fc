//! A submission.

use std::io;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

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
    mut tick: impl FnMut(u32),
) -> io::Result<Option<String>> {
    let line = input.lines().next_line().await;
    (0..seconds).rev().for_each(&mut tick);
    line
}
