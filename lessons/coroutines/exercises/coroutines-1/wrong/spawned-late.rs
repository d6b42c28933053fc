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
    // The name is not waited for alone.
    let (price, name) = tokio::join!(price, name);
    let (name, price) = (name?, price?);
    Ok(format!("{name} costs {price}"))
}
