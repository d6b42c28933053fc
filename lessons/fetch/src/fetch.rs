// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2024; hyper 1; tokio 1 (rt, time); rustls 0.23 (no default features, ring, std);
// reqwest 0.13 (no default features, rustls-no-provider).
//! Fetches many pages together, within limits. Each address gets its page or the reason
//! why there is none; the failure of one touches no other.
//!
//! A page is kept in memory as a whole, and `fetch_all` keeps them all.

use std::collections::{HashMap, VecDeque};
use std::io::{self, ErrorKind};
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Arc;
use std::time::Duration;
use std::{error::Error, fmt, iter, panic};

use reqwest::{Client, Response, StatusCode, Url, header::LOCATION, redirect::Policy};
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

/// What fetching may take, at most, and by which way.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Pages under way together, at least 1. Each takes a descriptor (see `ulimit -n`).
    pub together: usize,
    /// Pages under way together from one host, the one named in the address and not those
    /// of redirects; at least 1.
    pub per_host: usize,
    /// Time for one page, from its request to the last byte of its body, redirects
    /// included. Waiting for its turn does not count.
    pub time: Duration,
    /// Bytes in the body of one page.
    pub bytes: usize,
    /// Redirects that are followed for one page.
    pub redirects: usize,
    /// Whether the environment may send pages through a proxy, by `http_proxy`,
    /// `https_proxy`, `all_proxy` and `no_proxy`, in small or capital letters. Some failures
    /// are the proxy's then: [`Failure::Refused`] by a proxy that does not run, for one.
    pub proxies: bool,
}

/// A page that has arrived completely.
#[derive(Debug)]
pub struct Page {
    /// One that stands for success.
    pub status: StatusCode,
    /// As it was sent: nothing is decompressed or decoded.
    pub body: Vec<u8>,
}

/// Why there is no page.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The address is not an absolute http or https URL.
    BadAddress,
    /// The name of the host cannot be resolved.
    UnknownHost,
    /// Nobody listens at the address.
    Refused,
    /// The server closed the connection too early.
    BrokenOff,
    /// The server does not speak TLS, or cannot prove who it is.
    Tls(rustls::Error),
    /// The limit on time was reached, or one of the system.
    TooSlow,
    /// The limit on bytes was reached.
    TooLarge,
    /// The limit on redirects was reached.
    TooManyRedirects,
    /// This process has too many files and connections open.
    TooManyOpenFiles,
    /// The server answered, but not with success; not found, for one.
    Status(StatusCode),
    /// The page has moved, and this is why there is none at its new address. Limits on time
    /// and on redirects hold for the whole way, and are told as they are.
    Redirected { to: Url, why: Box<Failure> },
    /// Anything else, told in the words of its first cause.
    Other(Arc<reqwest::Error>),
}

/// Fetches pages, and keeps connections open for the next ones. Cheap to clone.
///
/// It belongs to the tokio runtime in which it is first used: another one may be given
/// connections that only the first can wake, and then a page is [`Failure::TooSlow`].
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: Client,
    /// Takes a new connection each time.
    afresh: Client,
    limits: Limits,
}

impl Fetcher {
    /// Trusts the root certificates of the system; if it has none, https fails. Makes ring
    /// the process's cryptography for TLS, unless it has chosen another already.
    ///
    /// # Errors
    ///
    /// If the system lacks what a client needs; the error says what.
    pub fn new(limits: Limits) -> reqwest::Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = |kept| {
            let builder = Client::builder()
                .user_agent(env!("CARGO_PKG_NAME"))
                .redirect(Policy::none()) // `follow` does it
                .pool_max_idle_per_host(kept);
            match limits.proxies {
                true => builder,
                false => builder.no_proxy(),
            }
        };
        let client = |kept| {
            let trusting = builder(kept).build();
            trusting.or_else(|_| builder(kept).tls_certs_only([]).build())
        };
        Ok(Self {
            client: client(usize::MAX)?,
            afresh: client(0)?,
            limits,
        })
    }

    /// Fetches one page, whatever else is under way. A request that gets no answer because
    /// the server closes the connection is sent a second time. Dropping the future stops it.
    ///
    /// The limit on time ends every wait but one: looking up a name takes a thread of the
    /// runtime, and dropping the runtime waits until the system gives that up.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or in one without its drivers for I/O and time; and if the
    /// runtime is dropped meanwhile.
    pub async fn fetch(&self, address: impl AsRef<str>) -> Result<Page, Failure> {
        let url = Url::parse(address.as_ref()).map_err(|_| Failure::BadAddress)?;
        // A task, as the connections are: they are on the runtime's thread, if it has one only.
        // A request from another thread that meets the end of its connection may be forgotten:
        // tokio's channel keeps what was being sent while its receiver was dropped.
        let mut task = JoinSet::new();
        task.spawn(self.clone().in_time(url));
        joined(task.join_next().await.expect("it was spawned"))
    }

    async fn in_time(self, address: Url) -> Result<Page, Failure> {
        let page = timeout(self.limits.time, self.follow(address)).await;
        page.unwrap_or(Err(Failure::TooSlow))
    }

    async fn follow(&self, address: Url) -> Result<Page, Failure> {
        let mut url = address.clone();
        for _ in 0..=self.limits.redirects {
            match self.answer(&url).await {
                Ok(Break(page)) => return Ok(page),
                Ok(Continue(target)) => url = target,
                Err(why) if url == address => return Err(why),
                Err(why) => {
                    let why = Box::new(why);
                    return Err(Failure::Redirected { to: url, why });
                }
            }
        }
        Err(Failure::TooManyRedirects)
    }

    /// The page, or the address to which it has moved.
    async fn answer(&self, url: &Url) -> Result<ControlFlow<Page, Url>, Failure> {
        let mut response = self.ask(url).await?;
        let status = response.status();
        if let Some(target) = target(&response) {
            return Ok(Continue(target));
        }
        if !status.is_success() {
            return Err(Failure::Status(status));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > self.limits.bytes {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Break(Page { status, body }))
    }

    /// A server may close a kept connection while a request is on its way to it. So a request
    /// that has got no answer is sent once more, over a connection of its own.
    async fn ask(&self, url: &Url) -> Result<Response, Failure> {
        let answer = self.client.get(url.clone()).send().await;
        match answer.map_err(Failure::from) {
            Err(Failure::BrokenOff) => Ok(self.afresh.get(url.clone()).send().await?),
            answer => answer,
        }
    }

    /// Fetches all pages, as many together as the limits allow, and returns them
    /// in the order of the addresses. `turn` is called with an address's index when its
    /// turn has come; what it returns is dropped when the page is over.
    ///
    /// Dropping the future stops everything that is under way. For each page holds what
    /// [`fetch`](Self::fetch) says.
    pub async fn fetch_all<Guard: Send + 'static>(
        &self,
        addresses: &[impl AsRef<str>],
        mut turn: impl FnMut(usize) -> Guard,
    ) -> Vec<Result<Page, Failure>> {
        let mut pages = Vec::new();
        let mut queues = HashMap::<String, VecDeque<_>>::new();
        // A turn of a host is the right to fetch the next page of its queue. A host has as
        // many turns as its limit says, and gets one back when a page is over.
        let mut turns = VecDeque::new();
        for (index, address) in addresses.iter().enumerate() {
            let Ok(url) = Url::parse(address.as_ref()) else {
                pages.push((index, Err(Failure::BadAddress)));
                continue;
            };
            let host = url.host_str().unwrap_or_default().to_owned();
            let queue = queues.entry(host.clone()).or_default();
            queue.push_back((index, url));
            if queue.len() <= self.limits.per_host.max(1) {
                turns.push_back(host);
            }
        }
        let mut under_way = JoinSet::new();
        loop {
            while under_way.len() < self.limits.together.max(1)
                && let Some(host) = turns.pop_front()
            {
                let next = queues.get_mut(&host).and_then(VecDeque::pop_front);
                let Some((index, url)) = next else { continue };
                let (fetcher, guard) = (self.clone(), turn(index));
                under_way.spawn(async move {
                    let page = fetcher.in_time(url).await;
                    drop(guard);
                    (host, (index, page))
                });
            }
            let Some(done) = under_way.join_next().await else {
                pages.sort_by_key(|(index, _)| *index);
                return pages.into_iter().map(|(_, page)| page).collect();
            };
            let (host, page) = joined(done);
            turns.push_back(host);
            pages.push(page);
        }
    }
}

fn joined<T>(done: Result<T, JoinError>) -> T {
    done.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

/// Where the page has moved, if the response says so.
fn target(response: &Response) -> Option<Url> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let moved = response.status().is_redirection();
    moved.then(|| response.url().join(location).ok())?
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        if error.is_builder() {
            Self::BadAddress
        } else if error.is_timeout() {
            Self::TooSlow
        } else if error.is_dns() {
            Self::UnknownHost
        } else {
            let known = causes(&error).find_map(Self::from_cause);
            known.unwrap_or_else(|| Self::Other(Arc::new(error)))
        }
    }
}

/// An error, its cause, the cause of that, and so on.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| {
        // The `source` of an `io::Error` is not what is inside of it, but one further.
        match error.downcast_ref().and_then(io::Error::get_ref) {
            Some(inside) => Some(inside),
            None => error.source(),
        }
    })
}

impl Failure {
    fn from_cause(cause: &(dyn Error + 'static)) -> Option<Self> {
        // The numbers of Linux and of every other Unix.
        const ENFILE: i32 = 23;
        const EMFILE: i32 = 24;
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            return Some(Self::Tls(error.clone()));
        }
        if let Some(error) = cause.downcast_ref::<hyper::Error>() {
            let closed = error.is_incomplete_message() || error.is_canceled();
            return closed.then_some(Self::BrokenOff);
        }
        let error = cause.downcast_ref::<io::Error>()?;
        if matches!(error.raw_os_error(), Some(ENFILE | EMFILE)) {
            return Some(Self::TooManyOpenFiles);
        }
        match error.kind() {
            ErrorKind::ConnectionRefused => Some(Self::Refused),
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => {
                Some(Self::BrokenOff)
            }
            _ => None,
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Tls(error) => Some(error),
            Self::Redirected { why, .. } => Some(why),
            Self::Other(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadAddress => "bad address: it is not like https://example.org/",
            Self::UnknownHost => "unknown host",
            Self::Refused => "refused: nobody listens there",
            Self::BrokenOff => "broken off by the server",
            Self::Tls(error) => return write!(f, "bad TLS: {error}"),
            Self::TooSlow => "too slow: the time is up",
            Self::TooLarge => "too large: more bytes than allowed",
            Self::TooManyRedirects => "too many redirects: more than allowed",
            Self::TooManyOpenFiles => "too many open files: raise `ulimit -n`",
            Self::Status(status) => return write!(f, "answered {status}"),
            Self::Redirected { to, why } => return write!(f, "redirected to {to}: {why}"),
            Self::Other(error) => {
                let first = causes(error).last();
                return first.map_or(Ok(()), |cause| write!(f, "{cause}"));
            }
        })
    }
}
