//! A server that breaks off, talks nonsense, keeps silent, or dies.

use std::io;
use std::time::Duration;

use rand::{RngExt, rngs::SmallRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::bytes;
use crate::pieces::fetch::{Failure, Fetcher, Limits, Page};
use crate::tally::{Count, Outcome, Tally};

const LIMITS: Limits = Limits {
    together: 20,
    per_host: 20,
    time: Duration::from_millis(200),
    bytes: 200_000,
    redirects: 3,
    proxies: false,
};

/// What the server does with a page, by the first part of its path; only `page` sends it.
const MANNERS: [&str; 6] = ["page", "half", "drop", "garbage", "silent", "endless"];

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let fetcher = Fetcher::new(LIMITS).map_err(io::Error::other)?;
        let manners = (0..40).map(|_| MANNERS[dice.random_range(0..MANNERS.len())]);
        let pages: Vec<_> = manners.zip(0..).collect();
        let url = |&(manner, number)| format!("http://{address}/{manner}/{number}");
        let urls: Vec<_> = pages.iter().map(url).collect();
        let dies = dice.random_ratio(1, 3);
        let life = if dies {
            dice.random_range(0..20)
        } else {
            10_000
        };
        // When its life is over, the listener and all connections are closed.
        tokio::spawn(timeout(Duration::from_millis(life), serve(listener)));
        let mut outcomes = fetcher.fetch_all(&urls, |_| ()).await.into_iter();
        tally[Count::Faults] += u64::from(dies);
        for (manner, number) in pages {
            tally[Count::Faults] += u64::from(manner != "page");
            tally.job(judge(manner, number, dies, outcomes.next()));
        }
        Ok(())
    })
}

fn judge(manner: &str, number: u64, dies: bool, page: Option<Result<Page, Failure>>) -> Outcome {
    use Failure::*;
    let told = match (manner, &page) {
        (_, None) => return Outcome::Lost,
        ("page", Some(Ok(page))) if page.body == body(number) => return Outcome::Right,
        (_, Some(Ok(_))) => false,
        // On a busy machine any page may be late.
        (_, Some(Err(TooSlow))) | ("garbage", _) => true,
        ("endless", Some(Err(TooLarge))) => true,
        ("half" | "drop", Some(Err(BrokenOff | Other(_)))) => true,
        (_, Some(Err(Refused | BrokenOff | Other(_)))) => dies,
        _ => false,
    };
    match told {
        true => Outcome::Told,
        false => Outcome::Wrong(format!("/{manner}/{number}: {page:?}")),
    }
}

fn body(number: u64) -> Vec<u8> {
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
    let path: Vec<_> = request.split([' ', '/']).skip(2).take(2).collect();
    let body = body(path[1].parse().unwrap_or_default());
    match path[0] {
        "drop" => return Ok(()),
        "garbage" => return client.write_all(&bytes(7, 5000)).await,
        "silent" => return client.read_u8().await.map(drop),
        _ => {}
    }
    let mut head = "HTTP/1.1 200 OK\r\nConnection: close\r\n".to_owned();
    if path[0] != "endless" {
        let length = body.len() + usize::from(path[0] == "half");
        head += &format!("Content-Length: {length}\r\n");
    }
    client.write_all((head + "\r\n").as_bytes()).await?;
    client.write_all(&body).await?;
    if path[0] == "endless" {
        loop {
            client.write_all(&[b'.'; 10_000]).await?;
        }
    }
    Ok(())
}
