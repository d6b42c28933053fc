//! A submission.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Fetches all pages, at most `together` of them at a time. Returns a page for each address, in
/// their order, or why there is none: `fetch` has failed, or it took longer than `limit`. The
/// limit begins when it is the page's turn.
pub async fn fetch_all<F, P>(
    addresses: Vec<String>,
    together: usize,
    limit: Duration,
    fetch: F,
) -> Vec<Result<String, String>>
where
    F: Fn(String) -> P,
    P: Future<Output = Result<String, String>> + Send + 'static,
{
    let permits = Arc::new(Semaphore::new(together));
    let fetches = addresses.into_iter().map(|address| {
        let (permits, page) = (Arc::clone(&permits), fetch(address));
        tokio::spawn(within(limit, async move {
            let _permit = permits.acquire().await;
            page.await
        }))
    });
    let mut pages = Vec::new();
    for fetch in fetches.collect::<Vec<_>>() {
        pages.push(fetch.await.unwrap_or_else(|error| Err(error.to_string())));
    }
    pages
}

/// The page, or that it took too long.
async fn within(
    limit: Duration,
    page: impl Future<Output = Result<String, String>>,
) -> Result<String, String> {
    let page = timeout(limit, page).await;
    page.unwrap_or_else(|_| Err("too slow".into()))
}
