//! `Lines` keeps what it has read when `next_line` is dropped, so one `Lines` serves all ticks.

use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};
use tokio::time::sleep;

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
    let mut lines = input.lines();
    for left in (0..seconds).rev() {
        tokio::select! {
            line = lines.next_line() => return line,
            () = sleep(Duration::from_secs(1)) => tick(left),
        }
    }
    Ok(None)
}
