//! The judge of fetch-1.

mod yours;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Four pages of one second, two at a time.
pub async fn two_at_a_time() {
    let (start, most) = (Instant::now(), Arc::new(Most::default()));
    let pages = fetch_all(&[1, 1, 1, 1], 2, 10, &most).await;
    assert!(pages.iter().all(Result::is_ok), "the pages: {pages:?}");
    let most = most.most.load(SeqCst);
    assert!(
        most <= 2,
        "{most} pages were fetched at a time, the limit is 2"
    );
    at_most(2, start, "the pages are fetched one after the other");
}

/// The first page takes four seconds: the other three are fetched meanwhile.
pub async fn a_slow_one() {
    let start = Instant::now();
    let pages = fetch_all(&[4, 1, 2, 1], 2, 10, &Arc::default()).await;
    let right = [4, 1, 2, 1].map(|seconds| Ok(format!("after {seconds} s")));
    assert!(
        pages == right,
        "not in the order of the addresses: {pages:?}"
    );
    let otherwise = "a free place is not used before a slow page is there";
    at_most(4, start, otherwise);
}

/// One page never comes, one fails at once: that costs only these two.
pub async fn one_hangs_and_one_fails() {
    let start = Instant::now();
    let pages = fetch_all(&[1, 1_000, 0, 1], 4, 3, &Arc::default()).await;
    let came: Vec<_> = pages.iter().map(Result::is_ok).collect();
    assert!(
        came == [true, false, false, true],
        "page 1 never comes, page 2 fails, the others come; the result is {pages:?}"
    );
    let took = start.elapsed().as_secs();
    assert!(took >= 3, "a page has 3 s, and was given up after {took} s");
    at_most(3, start, "a page that hangs is not given up after its limit");
}

/// One at a time, with a limit of two seconds: the time in the queue does not count.
pub async fn in_the_queue() {
    let pages = fetch_all(&[1, 1, 1, 1], 1, 2, &Arc::default()).await;
    assert!(
        pages.iter().all(Result::is_ok),
        "each page takes 1 s when it is its turn, the limit is 2 s; the result is {pages:?}"
    );
}

/// How long something takes at most.
fn at_most(seconds: u64, start: Instant, otherwise: &str) {
    let took = start.elapsed().as_secs();
    assert!(
        took <= seconds,
        "too slow: it took {took} s of the paused clock, at most {seconds} s are allowed: {otherwise}"
    );
}

/// How many are fetched now, and how many were at most.
#[derive(Default)]
struct Most {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// Pages that take so many seconds; 0 is one that fails.
async fn fetch_all(
    pages: &[u64],
    together: usize,
    limit: u64,
    most: &Arc<Most>,
) -> Vec<Result<String, String>> {
    let addresses = pages.iter().map(u64::to_string).collect();
    let fetch = |address: String| {
        let most = Arc::clone(most);
        async move {
            let now = most.now.fetch_add(1, SeqCst) + 1;
            most.most.fetch_max(now, SeqCst);
            sleep(Duration::from_secs(address.parse().unwrap())).await;
            most.now.fetch_sub(1, SeqCst);
            match address.as_str() {
                "0" => Err("no such page".into()),
                seconds => Ok(format!("after {seconds} s")),
            }
        }
    };
    let all = yours::fetch_all(addresses, together, Duration::from_secs(limit), fetch);
    let all = timeout(Duration::from_secs(100_000), all).await;
    all.unwrap_or_else(|_| panic!("fetch_all does not end"))
}
