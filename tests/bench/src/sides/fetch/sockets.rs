//! What fetching costs at least: connections that are used in turn, and of HTTP only
//! where an answer ends.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{Cost, runtime};

/// Fetches pages of one server, on so many connections.
pub fn fetch(addresses: &[String], together: usize) -> Result<(Cost, usize), Box<dyn Error>> {
    let (mut server, mut requests) = ("", Vec::new());
    for address in addresses {
        let address = address.strip_prefix("http://").unwrap_or(address);
        let (host, path) = address.split_once('/').ok_or("an address without a path")?;
        server = host;
        // To the letter what the piece sends.
        requests.push(format!(
            "GET /{path} HTTP/1.1\r\naccept: */*\r\nuser-agent: bench\r\nhost: {host}\r\n\r\n"
        ));
    }
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let runtime = runtime()?;
    let fetch_all = async {
        let mut connections = JoinSet::new();
        for _ in 0..together {
            connections.spawn(take_pages(
                server.to_owned(),
                requests.clone(),
                next.clone(),
            ));
        }
        connections.join_all().await
    };
    let (cost, results) = Cost::of(|| runtime.block_on(fetch_all))?;
    let mut bytes = 0;
    for result in results {
        let (_, pages) = result?;
        bytes += pages.iter().map(Vec::len).sum::<usize>();
    }
    Ok((cost, bytes))
}

/// Sends one request after the other, until there is none left. The connection is still
/// open then.
async fn take_pages(
    server: String,
    requests: Arc<Vec<String>>,
    next: Arc<AtomicUsize>,
) -> io::Result<(TcpStream, Vec<Vec<u8>>)> {
    let mut connection = TcpStream::connect(server).await?;
    let (mut pages, mut answer) = (Vec::new(), Vec::with_capacity(4096));
    while let Some(request) = requests.get(next.fetch_add(1, Relaxed)) {
        connection.write_all(request.as_bytes()).await?;
        let body = loop {
            if connection.read_buf(&mut answer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some((start, length)) = body(&answer)
                && let Some(body) = answer.get(start..start + length)
            {
                break body.to_vec();
            }
        };
        pages.push(body);
        answer.clear();
    }
    Ok((connection, pages))
}

/// Where the body begins, and its length; none as long as the head is not complete.
fn body(answer: &[u8]) -> Option<(usize, usize)> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = str::from_utf8(&answer[..end]).ok()?;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))?;
    Some((end + 4, length.parse().ok()?))
}
