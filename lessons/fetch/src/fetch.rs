// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2024; tokio 1 (rt); rustls 0.23 (no default features, ring, std);
// reqwest 0.13 (no default features, rustls-no-provider).
//! Fetches many pages together, within limits. Each address gets its page or the reason
//! why there is none; the failure of one touches no other.

use std::collections::{HashMap, VecDeque};
use std::io::{self, ErrorKind::*};
use std::time::Duration;
use std::{error, fmt, panic};

use reqwest::{Client, IntoUrl, StatusCode, Url, redirect};
use tokio::task::JoinSet;

/// What fetching may take, at most.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Pages under way together, at least 1. Each takes a descriptor (see `ulimit -n`).
    pub together: usize,
    /// Pages under way together from one host, the one named in the address; at least 1.
    pub per_host: usize,
    /// Time for one page, from its request to the last byte of its body, redirects
    /// included. Waiting for its turn does not count.
    pub time: Duration,
    /// Bytes in the body of one page.
    pub bytes: usize,
    /// Redirects that are followed for one page.
    pub redirects: usize,
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    Tls(String),
    /// The limit on time was reached.
    TooSlow,
    /// The limit on bytes was reached.
    TooLarge,
    /// The limit on redirects was reached.
    TooManyRedirects,
    /// This process has too many files and connections open.
    TooManyOpenFiles,
    /// The server answered, but not with success; not found, for one.
    Status(StatusCode),
    /// Anything else, in the words of its cause.
    Other(String),
}

/// Fetches pages, and keeps connections open for the next ones. Cheap to clone; belongs to
/// the tokio runtime in which it is first used.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
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
        let client = || {
            Client::builder()
                .user_agent(env!("CARGO_PKG_NAME"))
                .timeout(limits.time)
                .redirect(redirect::Policy::limited(limits.redirects))
        };
        let trusting = client().build();
        let client = trusting.or_else(|_| client().tls_certs_only([]).build())?;
        Ok(Self { client, limits })
    }

    /// Fetches one page, whatever else is under way.
    pub async fn fetch(&self, address: impl IntoUrl) -> Result<Page, Failure> {
        let mut response = self.client.get(address).send().await?;
        let status = response.status();
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
        Ok(Page { status, body })
    }

    /// Fetches all pages, as many together as the limits allow, and returns them
    /// in the order of the addresses. `turn` is called with an address's index when its
    /// turn has come; what it returns is dropped when the page is over.
    ///
    /// Dropping the future stops everything that is under way.
    pub async fn fetch_all<Guard: Send + 'static>(
        &self,
        addresses: &[impl AsRef<str>],
        mut turn: impl FnMut(usize) -> Guard,
    ) -> Vec<Result<Page, Failure>> {
        let mut pages = Vec::new();
        let mut queues = HashMap::<String, VecDeque<_>>::new();
        // Whoever has a turn of a host may fetch the next page of its queue. A host has
        // as many turns as its limit says, and gets one back when a page is over.
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
                    let page = fetcher.fetch(url).await;
                    drop(guard);
                    (host, (index, page))
                });
            }
            let Some(done) = under_way.join_next().await else {
                pages.sort_by_key(|(index, _)| *index);
                return pages.into_iter().map(|(_, page)| page).collect();
            };
            let (host, page) =
                done.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()));
            turns.push_back(host);
            pages.push(page);
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        if error.is_builder() {
            Self::BadAddress
        } else if error.is_timeout() {
            Self::TooSlow
        } else if error.is_redirect() {
            Self::TooManyRedirects
        } else if error.is_dns() {
            Self::UnknownHost
        } else {
            Self::from_causes(&error)
        }
    }
}

impl Failure {
    fn from_causes(mut cause: &(dyn error::Error + 'static)) -> Self {
        loop {
            if let Some(error) = cause.downcast_ref::<rustls::Error>() {
                return Self::Tls(error.to_string());
            }
            let io = cause.downcast_ref::<io::Error>();
            match (
                io.map(io::Error::kind),
                io.and_then(io::Error::raw_os_error),
            ) {
                (Some(ConnectionRefused), _) => return Self::Refused,
                (Some(ConnectionReset | BrokenPipe | UnexpectedEof), _) => return Self::BrokenOff,
                (_, Some(23 | 24)) => return Self::TooManyOpenFiles, // ENFILE, EMFILE
                _ => {}
            }
            // The `source` of an `io::Error` is not what is inside of it, but one further.
            cause = match (io.and_then(io::Error::get_ref), cause.source()) {
                (Some(inside), _) => inside,
                (None, Some(source)) => source,
                (None, None) => break,
            };
        }
        match cause.to_string() {
            // The type of this error of hyper's is the same for many others.
            text if text == "connection closed before message completed" => Self::BrokenOff,
            text => Self::Other(text),
        }
    }
}

impl error::Error for Failure {}

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
            Self::Other(cause) => cause,
        })
    }
}
