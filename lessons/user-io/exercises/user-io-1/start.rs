//! Who types slowly loses letters. Repair `ask`.

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
    for left in (0..seconds).rev() {
        let mut line = String::new();
        tokio::select! {
            read = input.read_line(&mut line) => {
                return Ok((read? > 0).then(|| line.trim_end().to_owned()));
            }
            () = sleep(Duration::from_secs(1)) => tick(left),
        }
    }
    Ok(None)
}
