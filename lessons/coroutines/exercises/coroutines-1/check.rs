//! The judge of coroutines-1.

mod yours;

use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Two lookups of 1 s and 2 s.
pub async fn both() {
    let start = Instant::now();
    let told = yours::both(after(1, Ok("tea".into())), after(2, Ok(5))).await;
    assert_eq!(told.as_deref(), Ok("tea costs 5"), "what `both` returns");
    at_most(2, start, "the lookups wait one after the other");
}

/// One fails after 1 s, the other would take 9 s.
pub async fn an_error() {
    let start = Instant::now();
    let told = yours::both(after(9, Ok("tea".into())), after(1, Err("no price".into()))).await;
    assert_eq!(told, Err("no price".into()), "what `both` returns");
    at_most(1, start, "an error is told only after the other lookup");
}

/// How long something takes at most.
fn at_most(seconds: u64, start: Instant, otherwise: &str) {
    let took = start.elapsed().as_secs();
    assert!(
        took <= seconds,
        "too slow: it took {took} s of the paused clock, at most {seconds} s are allowed: {otherwise}"
    );
}

async fn after<T>(seconds: u64, result: Result<T, String>) -> Result<T, String> {
    sleep(Duration::from_secs(seconds)).await;
    result
}
