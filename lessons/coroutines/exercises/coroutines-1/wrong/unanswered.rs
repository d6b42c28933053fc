//! A submission.

/// Looks up a name and a price, and tells both.
///
/// # Errors
///
/// The first one of a lookup.
pub async fn both<N, P>(name: N, price: P) -> Result<String, String>
where
    N: Future<Output = Result<String, String>>,
    P: Future<Output = Result<u32, String>>,
{
    tokio::select! {
        name = name => Ok(name? + " costs nothing"),
        price = price => Ok(format!("it costs {}", price?)),
    }
}
