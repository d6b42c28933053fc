//! Fetching pages: the lesson's piece, and plain sockets.

mod peers;
mod server;
mod sockets;

use std::error::Error;
use std::io;
use std::time::Instant;

use tokio::runtime::{Builder, Runtime};

use self::server::Server;
use super::{Outcome, Side, Values, used};
use crate::pieces::fetch::{Fetcher, Limits};

pub const SIDES: &[Side] = &[
    ("fetch-server", server::serve),
    ("fetch-six", || six(fetch)),
    ("fetch-20ms", || many(fetch, 20, PAGES, 500)),
    ("fetch-0ms", || many(fetch, 0, PAGES, 50)),
    ("fetch-six-sockets", || six(sockets::fetch)),
    ("fetch-20ms-sockets", || {
        many(sockets::fetch, 20, PAGES, 500)
    }),
    ("fetch-0ms-sockets", || many(sockets::fetch, 0, PAGES, 50)),
    ("fetch-20ms-reqwest", || {
        many(peers::reqwest, 20, PAGES, 500)
    }),
    ("fetch-0ms-reqwest", || many(peers::reqwest, 0, PAGES, 50)),
    ("fetch-20ms-hyper", || many(peers::hyper, 20, PAGES, 500)),
    ("fetch-0ms-hyper", || many(peers::hyper, 0, PAGES, 50)),
    ("fetch-20ms-ureq", || many(unlimited, 20, PAGES, 500)),
    ("fetch-0ms-ureq", || many(unlimited, 0, PAGES, 50)),
    ("fetch-20ms-ureq-limited", || many(limited, 20, PAGES, 500)),
    ("fetch-0ms-ureq-limited", || many(limited, 0, PAGES, 50)),
];

/// The six pages of Yang's text, as the lesson's server has them: milliseconds and bytes.
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

/// Fetches pages with a bound on how many at once. Prints the time and the number of bytes.
type Fetch = fn(&[String], usize) -> Result<(Cost, usize), Box<dyn Error>>;

struct Cost {
    seconds: f64,
    /// Processor time, in seconds.
    cpu: f64,
    /// The most that the process ever had, in MiB.
    memory: f64,
}

impl Cost {
    /// What is made once and thrown away at the end does not count: not the runtime, and
    /// not that the connections are closed.
    fn of<T>(work: impl FnOnce() -> T) -> nix::Result<(Self, T)> {
        let (before, _) = used()?;
        let start = Instant::now();
        let result = work();
        let seconds = start.elapsed().as_secs_f64();
        let (after, memory) = used()?;
        let cpu = after - before;
        Ok((
            Self {
                seconds,
                cpu,
                memory,
            },
            result,
        ))
    }
}

/// By the number of pages, 50 together.
pub fn pages(pages: u64) -> Outcome {
    many(fetch, 0, usize::try_from(pages)?, 50)
}

fn six(fetch: Fetch) -> Result<Values, Box<dyn Error>> {
    let cost = measure(fetch, &SIX, SIX.len())?;
    let slowest = SIX.iter().map(|(delay, _)| *delay).max().unwrap_or(0);
    Ok(vec![("quotient", cost.seconds / (slowest as f64 / 1e3))])
}

fn many(fetch: Fetch, delay: u64, pages: usize, together: usize) -> Result<Values, Box<dyn Error>> {
    let Cost {
        seconds,
        cpu,
        memory,
    } = measure(fetch, &vec![(delay, BYTES); pages], together)?;
    let pages = pages as f64 / seconds;
    Ok(vec![
        ("seconds", seconds),
        ("cpu", cpu),
        ("memory", memory),
        ("pages", pages),
    ])
}

fn measure(fetch: Fetch, pages: &[(u64, usize)], together: usize) -> Result<Cost, Box<dyn Error>> {
    let server = Server::start()?;
    let address =
        |(delay, bytes): &(u64, usize)| format!("http://{}/{delay}/{bytes}", server.address);
    let addresses: Vec<_> = pages.iter().map(address).collect();
    let (cost, bytes) = fetch(&addresses, together)?;
    let expected: usize = pages.iter().map(|(_, bytes)| bytes).sum();
    if bytes != expected {
        return Err(format!("{bytes} bytes arrived in the place of {expected}").into());
    }
    Ok(cost)
}

/// By the lesson's piece.
fn fetch(addresses: &[String], together: usize) -> Result<(Cost, usize), Box<dyn Error>> {
    let fetcher = Fetcher::new(Limits {
        together,
        per_host: together,
        time: peers::TIME,
        bytes: peers::BYTES,
        redirects: 10,
        proxies: false,
    })?;
    let runtime = runtime()?;
    let (cost, pages) = Cost::of(|| runtime.block_on(fetcher.fetch_all(addresses, |_| ())))?;
    let bytes = pages
        .into_iter()
        .map(|page| page.map(|page| page.body.len()));
    Ok((cost, bytes.sum::<Result<_, _>>()?))
}

fn unlimited(addresses: &[String], together: usize) -> Result<(Cost, usize), Box<dyn Error>> {
    peers::ureq(addresses, together, None)
}

fn limited(addresses: &[String], together: usize) -> Result<(Cost, usize), Box<dyn Error>> {
    peers::ureq(addresses, together, Some(peers::TIME))
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}
