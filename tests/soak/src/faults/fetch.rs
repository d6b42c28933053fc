//! A server that breaks off, talks nonsense, keeps silent, or dies.

use std::io;
use std::time::Duration;

use rand::{RngExt, rngs::SmallRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::bytes;
use crate::pieces::fetch::{Failure, Fetcher, Limits, Page};
use crate::tally::{Count, Outcome, Tally};

const LIMITS: Limits = Limits {
    together: 20,
    per_host: 20,
    time: Duration::from_millis(300),
    bytes: 200_000,
    redirects: 3,
};

/// What the server does with a page, by the first part of its path; only the first two
/// send it.
const MANNERS: [&str; 8] = [
    "page", "slow", "half", "drop", "garbage", "silent", "endless", "circle",
];

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let fetcher = Fetcher::new(LIMITS).map_err(io::Error::other)?;
        let pages: Vec<_> = (0..40)
            .map(|number| (MANNERS[dice.random_range(0..MANNERS.len())], number))
            .collect();
        let urls: Vec<_> = pages
            .iter()
            .map(|(manner, number)| format!("http://{address}/{manner}/{number}"))
            .collect();
        let dies = dice.random_ratio(1, 3);
        let life = Duration::from_millis(if dies {
            dice.random_range(0..20)
        } else {
            10_000
        });
        let server = async {
            tokio::select! {
                _ = serve(listener) => {}
                // With it go the listener and all connections.
                _ = sleep(life) => {}
            }
        };
        let fetched = fetcher.fetch_all(&urls, |_| ());
        let mut fetched = std::pin::pin!(fetched);
        let outcomes = tokio::select! {
            outcomes = &mut fetched => outcomes,
            _ = server => fetched.await,
        };
        tally[Count::Faults] += u64::from(dies);
        let mut outcomes = outcomes.into_iter();
        for (manner, number) in pages {
            tally[Count::Faults] += u64::from(!is_good(manner));
            tally.job(judge(manner, number, dies, outcomes.next()));
        }
        Ok(())
    })
}

fn is_good(manner: &str) -> bool {
    matches!(manner, "page" | "slow")
}

fn judge(manner: &str, number: u64, dies: bool, outcome: Option<Result<Page, Failure>>) -> Outcome {
    let outcome = match outcome {
        None => return Outcome::Lost,
        Some(outcome) => outcome.map(|page| page.body),
    };
    let told = match (manner, &outcome) {
        (_, Ok(_)) => false,
        // On a busy machine even a good page may be late.
        (_, Err(Failure::TooSlow)) => true,
        (_, Err(Failure::Refused | Failure::BrokenOff | Failure::Other(_))) if dies => true,
        ("half" | "drop", Err(Failure::BrokenOff | Failure::Other(_))) => true,
        ("garbage", Err(_)) => true,
        ("endless", Err(error)) => *error == Failure::TooLarge,
        ("circle", Err(error)) => *error == Failure::TooManyRedirects,
        _ => false,
    };
    match outcome {
        Ok(body) if is_good(manner) && body == page(number) => Outcome::Right,
        _ if told => Outcome::Told,
        other => Outcome::Wrong(format!("/{manner}/{number}: {other:?}")),
    }
}

fn page(number: u64) -> Vec<u8> {
    bytes(number, (number * 4001 % 100_000) as usize)
}

async fn serve(listener: TcpListener) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(answer(client));
    }
}

/// An error means that the client has given up, as it may.
async fn answer(mut client: TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if client.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let request = String::from_utf8_lossy(&request);
    let mut path = request.split([' ', '/']).skip(2);
    let (manner, number) = (
        path.next().unwrap_or_default(),
        path.next().and_then(|n| n.parse().ok()),
    );
    let body = page(number.unwrap_or_default());
    let length = body.len() + usize::from(manner == "half");
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    match manner {
        "drop" => return Ok(()),
        "garbage" => {
            return client
                .write_all(&bytes(number.unwrap_or_default() + 1, 5000))
                .await;
        }
        "silent" => return client.read_u8().await.map(drop),
        "circle" => {
            let again = "HTTP/1.1 302 Found\r\nLocation: /circle/1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            return client.write_all(again.as_bytes()).await;
        }
        "endless" => {
            client
                .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                .await?;
            loop {
                client.write_all(&[b'.'; 10_000]).await?;
            }
        }
        _ => client.write_all(head.as_bytes()).await?,
    }
    for piece in body.chunks(if manner == "slow" { 5_000 } else { 100_000 }) {
        client.write_all(piece).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}
