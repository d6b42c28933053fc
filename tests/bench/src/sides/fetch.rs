//! Fetching pages: the lesson's piece, and plain sockets.

mod server;
mod sockets;

use std::error::Error;
use std::iter;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use self::server::Server;
use super::{Side, Values, used};
use crate::pieces::fetch::{Fetcher, Limits};

pub const SIDES: &[Side] = &[
    ("fetch-server", server::serve),
    ("fetch-six", || six(fetch)),
    ("fetch-20ms", || many(fetch, 20, 500)),
    ("fetch-0ms", || many(fetch, 0, 50)),
    ("fetch-six-sockets", || six(sockets::fetch)),
    ("fetch-20ms-sockets", || many(sockets::fetch, 20, 500)),
    ("fetch-0ms-sockets", || many(sockets::fetch, 0, 50)),
];

/// The author's six pages, as the lesson's server has them: milliseconds and bytes.
const SIX: [(u64, usize); 6] = [
    (620, 282_454),
    (300, 69_499),
    (450, 6_467),
    (380, 2_024),
    (340, 1_886),
    (620, 6_994),
];

const PAGES: usize = 10_000;
const BYTES: usize = 100;

/// Fetches pages, at most so many together, and says when it began, what it had used by
/// then, and how many bytes it got.
type Fetch = fn(&[String], usize) -> Result<(Start, usize), Box<dyn Error>>;

/// What is before the first request does not count: not the start of the program, and not
/// what is made once.
struct Start {
    time: Instant,
    cpu: f64,
}

impl Start {
    fn now() -> nix::Result<Self> {
        let (cpu, _) = used()?;
        let time = Instant::now();
        Ok(Self { time, cpu })
    }
}

fn six(fetch: Fetch) -> Result<Values, Box<dyn Error>> {
    let (seconds, ..) = measure(fetch, &SIX, SIX.len())?;
    let slowest = SIX.iter().map(|(delay, _)| *delay).max().unwrap_or(0);
    Ok(vec![("quotient", seconds / (slowest as f64 / 1e3))])
}

fn many(fetch: Fetch, delay: u64, together: usize) -> Result<Values, Box<dyn Error>> {
    let (seconds, cpu, memory) = measure(fetch, &[(delay, BYTES); PAGES], together)?;
    let pages = PAGES as f64 / seconds;
    Ok(vec![("seconds", seconds), ("cpu", cpu), ("memory", memory), ("pages", pages)])
}

/// The seconds, the processor's seconds and the memory that it took.
fn measure(
    fetch: Fetch,
    pages: &[(u64, usize)],
    together: usize,
) -> Result<(f64, f64, f64), Box<dyn Error>> {
    let server = Server::start()?;
    let address = |(delay, bytes): &(u64, usize)| format!("{}/{delay}/{bytes}", server.address);
    let addresses: Vec<_> = pages.iter().map(address).collect();
    let (start, bytes) = fetch(&addresses, together)?;
    let seconds = start.time.elapsed().as_secs_f64();
    let (cpu, memory) = used()?;
    let expected: usize = pages.iter().map(|(_, bytes)| bytes).sum();
    if bytes != expected {
        return Err(format!("{bytes} bytes arrived in the place of {expected}").into());
    }
    Ok((seconds, cpu - start.cpu, memory))
}

/// By the lesson's piece.
fn fetch(addresses: &[String], together: usize) -> Result<(Start, usize), Box<dyn Error>> {
    let fetcher = Fetcher::new(Limits {
        together,
        per_host: together,
        time: Duration::from_secs(10),
        bytes: 10_000_000,
        redirects: 10,
    })?;
    let addresses: Vec<_> = addresses.iter().map(|address| format!("http://{address}")).collect();
    let runtime = runtime()?;
    let start = Start::now()?;
    let pages = runtime.block_on(fetcher.fetch_all(&addresses, |_| ()));
    let bytes = pages.into_iter().map(|page| page.map(|page| page.body.len()));
    Ok((start, bytes.sum::<Result<_, _>>()?))
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}
