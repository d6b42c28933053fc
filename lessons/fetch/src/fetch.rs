// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2024; hyper 1; tokio 1 (rt, time); rustls 0.23 (no default features, ring, std);
// reqwest 0.13 (no default features, rustls-no-provider).
//! Fetches many pages together, within limits. Each address gets its page, or the reason
//! why there is none. A page that fails does not affect the others.
//!
//! A page is kept in memory as a whole, and `fetch_all` keeps all pages.

use std::collections::{HashMap, VecDeque};
use std::io::{self, ErrorKind};
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Arc;
use std::time::Duration;
use std::{error::Error, fmt, iter, panic};

use reqwest::{Client, Response, StatusCode, Url, header::LOCATION, redirect::Policy};
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

/// How much a fetcher may use, and whether it may use a proxy.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many pages are fetched at the same time, at least 1. Each page in progress needs a
    /// file descriptor (see `ulimit -n`).
    pub together: usize,
    /// How many pages of one host are fetched at the same time, at least 1. The host is that
    /// of the address; hosts of redirects do not count.
    pub per_host: usize,
    /// Time for one page, from its request to the last byte of its body, with redirects.
    /// The time before its turn has come does not count.
    pub time: Duration,
    /// Bytes in the body of one page.
    pub bytes: usize,
    /// How many redirects are followed for one page.
    pub redirects: usize,
    /// Whether to use the proxies that the environment names, by `http_proxy`, `https_proxy`,
    /// `all_proxy` and `no_proxy`, in lower or upper case. Some failures are the proxy's then:
    /// for example [`Failure::Refused`], if the proxy does not run.
    pub proxies: bool,
}

/// A page that has arrived completely.
#[derive(Debug)]
pub struct Page {
    /// A status of success (2xx).
    pub status: StatusCode,
    /// As the server sent it: not decompressed, not decoded.
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
    /// No server listens at the address.
    Refused,
    /// The server closed the connection before the end of the page.
    BrokenOff,
    /// The server does not speak TLS, or its certificate is not valid.
    Tls(rustls::Error),
    /// A time limit was reached: that of [`Limits`], or one of the system.
    TooSlow,
    /// The page has more bytes than allowed.
    TooLarge,
    /// The page has more redirects than allowed.
    TooManyRedirects,
    /// This process has too many files and connections open.
    TooManyOpenFiles,
    /// The server answered, but without success: 404 Not Found, for example.
    Status(StatusCode),
    /// The server redirected the request, and `why` is the failure at the new address. The
    /// limits on time and redirects are for the whole page, and so are reported as they are.
    Redirected { to: Url, why: Box<Failure> },
    /// Anything else. Its message is that of the first cause.
    Other(Arc<reqwest::Error>),
}

/// Fetches pages, and keeps connections open for the next pages. Cheap to clone.
///
/// It belongs to the tokio runtime in which it is first used. In another runtime it may reuse
/// a connection that only the first runtime can wake, and then a page is
/// [`Failure::TooSlow`].
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: Client,
    /// Opens a new connection for each request.
    afresh: Client,
    limits: Limits,
}

impl Fetcher {
    /// Trusts the root certificates of the system. Without any, https fails. Makes ring the
    /// process's cryptography for TLS, unless the process has already chosen another.
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

    /// Fetches one page. The limits on the number of pages are not for this method. If the
    /// server closes the connection instead of answering, the request is sent a second time.
    /// Dropping the future stops it.
    ///
    /// The time limit ends every wait except one: looking up a name blocks a thread of the
    /// runtime, and dropping the runtime waits until the system ends the lookup.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or in a runtime without its drivers for I/O and time. Also
    /// if the runtime is dropped before the page has arrived.
    pub async fn fetch(&self, address: impl AsRef<str>) -> Result<Page, Failure> {
        let url = Url::parse(address.as_ref()).map_err(|_| Failure::BadAddress)?;
        // A task, as the connections are. A runtime with one thread runs them all on it. From
        // another thread, a request could be lost when its connection ends at that moment:
        // tokio's channel keeps a message that is sent while its receiver is dropped.
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

    /// A server may close a kept connection while a request is on its way. A request that gets
    /// no answer is therefore sent once more, over a new connection.
    async fn ask(&self, url: &Url) -> Result<Response, Failure> {
        let answer = self.client.get(url.clone()).send().await;
        match answer.map_err(Failure::from) {
            Err(Failure::BrokenOff) => Ok(self.afresh.get(url.clone()).send().await?),
            answer => answer,
        }
    }

    /// Fetches all pages, as many together as the limits allow, and returns them in the order
    /// of the addresses. `turn` is called with the index of an address when its turn has come.
    /// What `turn` returns is dropped when the page has arrived or failed.
    ///
    /// Dropping the future stops all requests. What [`fetch`](Self::fetch) promises holds for
    /// each page.
    pub async fn fetch_all<Guard: Send + 'static>(
        &self,
        addresses: &[impl AsRef<str>],
        mut turn: impl FnMut(usize) -> Guard,
    ) -> Vec<Result<Page, Failure>> {
        let mut pages = Vec::new();
        let mut queues = HashMap::<String, VecDeque<_>>::new();
        // A turn of a host is the right to fetch the next page of its queue. A host has
        // `per_host` turns, and gets a turn back when a page has arrived or failed.
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
        let mut running = JoinSet::new();
        loop {
            while running.len() < self.limits.together.max(1)
                && let Some(host) = turns.pop_front()
            {
                let next = queues.get_mut(&host).and_then(VecDeque::pop_front);
                let Some((index, url)) = next else { continue };
                let (fetcher, guard) = (self.clone(), turn(index));
                running.spawn(async move {
                    let page = fetcher.in_time(url).await;
                    drop(guard);
                    (host, (index, page))
                });
            }
            let Some(done) = running.join_next().await else {
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

/// The new address of the page, if the response is a redirect.
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
        // The `source` of an `io::Error` is not the error inside of it, but the one after that.
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
            Self::Refused => "refused: no server at this address",
            Self::BrokenOff => "broken off: the server closed the connection",
            Self::Tls(error) => return write!(f, "bad TLS: {error}"),
            Self::TooSlow => "too slow: over the time limit",
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
