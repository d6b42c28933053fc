//! A submission.

use std::time::Duration;
use tokio::time::sleep;

/// The pauses before the second and the third try.
pub const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// Why there is no page.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The server is busy: try again later.
    ForNow(String),
    /// There is no such page: the answer will be the same.
    Final(String),
}

/// Fetches a page. If that fails for now, it tries again after the pauses.
///
/// # Errors
///
/// The failure of the last try.
pub async fn patiently(
    fetch: impl AsyncFn() -> Result<String, Failure>,
) -> Result<String, Failure> {
    let mut result = fetch().await;
    for tries in 0..3 {
        if !matches!(result, Err(Failure::ForNow(_))) {
            break;
        }
        sleep(Duration::from_secs(1 << tries)).await;
        if tries < 2 {
            result = fetch().await;
        }
    }
    result
}
