//! Both lookups are polled in turns, and the first error ends both.

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
    let (name, price) = tokio::try_join!(name, price)?;
    Ok(format!("{name} costs {price}"))
}
