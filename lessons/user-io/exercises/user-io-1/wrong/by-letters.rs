//! A submission.

use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncReadExt};
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
    let (mut line, mut left) = (Vec::new(), seconds);
    while left > 0 {
        tokio::select! {
            letter = input.read_u8() => match letter {
                Ok(b'\n') | Err(_) => {
                    let line = String::from_utf8_lossy(&line).into_owned();
                    return Ok((!line.is_empty()).then_some(line));
                }
                Ok(letter) => line.push(letter),
            },
            () = sleep(Duration::from_secs(1)) => {
                left -= 1;
                tick(left);
            }
        }
    }
    Ok(None)
}
