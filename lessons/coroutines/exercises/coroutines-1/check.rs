//! The judge of coroutines-1.

mod yours;

use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Two lookups of 1 s and 2 s.
pub async fn both() {
    let start = Instant::now();
    let told = yours::both(after(1, Ok("tea".into())), after(2, Ok(5))).await;
    assert_eq!(told.as_deref(), Ok("tea costs 5"));
    println!("both: {} s", start.elapsed().as_secs());
}

/// One fails after 1 s, the other would take 9 s.
pub async fn an_error() {
    let start = Instant::now();
    let told = yours::both(after(9, Ok("tea".into())), after(1, Err("no price".into()))).await;
    assert_eq!(told, Err("no price".into()));
    println!("an error: {} s", start.elapsed().as_secs());
}

async fn after<T>(seconds: u64, result: Result<T, String>) -> Result<T, String> {
    sleep(Duration::from_secs(seconds)).await;
    result
}
