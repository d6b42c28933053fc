//! The judge of fetch-2.

mod yours;

use std::cell::Cell;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use yours::Failure::{self, Final, ForNow};

/// The server answers, or it is busy once or twice before.
pub async fn busy_at_first() {
    for busy in 0..3 {
        let (tries, took, result) = try_at(busy, || Ok("the page".into())).await;
        let answers = busy + 1;
        assert!(
            result.is_ok(),
            "the page comes at try {answers}, but the result of try {tries} is returned: {result:?}"
        );
        at_most([0, 1, 3][busy as usize], took, "the page was there before");
    }
}

/// The server stays busy.
pub async fn busy_without_end() {
    let (tries, took, result) = try_at(1_000, || Ok("the page".into())).await;
    assert!(
        tries <= 3,
        "the server stays busy, and it was asked {tries} times"
    );
    at_most(3, took, "the failure of the third try was there before");
    let last = Err(ForNow(format!("busy at try {tries}")));
    assert!(
        result == last,
        "the server was busy at try {tries}, the last one, but the result is {result:?}"
    );
}

/// There is no such page.
pub async fn no_such_page() {
    for busy in 0..3 {
        let gone = || Err(Final("no such page".into()));
        let (tries, _, result) = try_at(busy, gone).await;
        assert!(
            tries <= busy + 1,
            "try {} says that there is no such page, and it was asked {tries} times",
            busy + 1
        );
        assert!(
            result == gone() || tries <= busy,
            "there is no such page, but the result is {result:?}"
        );
    }
}

/// How long something takes at most.
fn at_most(seconds: u64, took: u64, otherwise: &str) {
    assert!(
        took <= seconds,
        "too slow: it took {took} s of the paused clock, at most {seconds} s are allowed: {otherwise}"
    );
}

/// Tries at a server that is busy so many times, and then answers. Returns the tries, the
/// seconds, and the result.
async fn try_at(
    busy: u32,
    answer: impl Fn() -> Result<String, Failure>,
) -> (u32, u64, Result<String, Failure>) {
    let (start, tries) = (Instant::now(), Cell::new(0));
    let fetch = async || {
        tries.update(|tries| tries + 1);
        let (now, try_) = (start.elapsed().as_secs(), tries.get());
        let due = [0, 1, 3].get(try_ as usize - 1).copied().unwrap_or(0);
        assert!(
            now >= due,
            "try {try_} comes after {now} s, and not after {due} s"
        );
        match try_ <= busy {
            true => Err(ForNow(format!("busy at try {try_}"))),
            false => answer(),
        }
    };
    let result = timeout(Duration::from_secs(60), yours::patiently(fetch)).await;
    let tried = tries.get();
    let result = result.unwrap_or_else(|_| panic!("no end after 60 s and try {tried}"));
    (tried, start.elapsed().as_secs(), result)
}
