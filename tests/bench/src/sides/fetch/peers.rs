//! The same pages by well-known clients, with nothing around them: no redirects of one's own, no second
//! try, and one error for all. What limits on time and size they have is said.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{Cost, runtime};

type Fetched = Result<(Cost, usize), Box<dyn Error>>;
/// The limits of our side.
pub const TIME: Duration = Duration::from_secs(10);
pub const BYTES: usize = 10_000_000;

type Failure = Box<dyn Error + Send + Sync>;

/// The addresses that are left, for all who fetch.
#[derive(Clone)]
struct Todo(Arc<(Vec<String>, AtomicUsize)>);

impl Todo {
    fn new(addresses: &[String]) -> Self {
        Self(Arc::new((addresses.to_vec(), AtomicUsize::new(0))))
    }

    fn next(&self) -> Option<&String> {
        let (addresses, next) = &*self.0;
        addresses.get(next.fetch_add(1, Relaxed))
    }
}

/// One client of reqwest, with its pool of connections.
pub fn reqwest(addresses: &[String], together: usize) -> Fetched {
    // A client needs one, although no page here is encrypted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(TIME)
        .tls_certs_only([])
        .build()?;
    let todo = Todo::new(addresses);
    in_tasks(together, move || {
        let (client, todo) = (client.clone(), todo.clone());
        async move {
            let mut pages = Vec::new();
            while let Some(address) = todo.next() {
                pages.push(client.get(address).send().await?.bytes().await?);
            }
            Ok(pages)
        }
    })
}

/// A connection of hyper's for each task, without limits.
pub fn hyper(addresses: &[String], together: usize) -> Fetched {
    let todo = Todo::new(addresses);
    in_tasks(together, move || {
        let todo = todo.clone();
        async move {
            // `http://`, then the host, then the path.
            let host = todo.0.0[0].split('/').nth(2).unwrap_or_default();
            let before = "http://".len() + host.len();
            let stream = TokioIo::new(TcpStream::connect(host).await?);
            let (mut sender, connection) = handshake(stream).await?;
            let connection = tokio::spawn(connection);
            let mut pages = Vec::new();
            while let Some(address) = todo.next() {
                let request = hyper::Request::get(&address[before..]).header("host", host);
                let request = request.body(Empty::<Bytes>::new())?;
                sender.ready().await?;
                let answer = sender.send_request(request).await?;
                pages.push(answer.into_body().collect().await?.to_bytes());
            }
            connection.abort();
            Ok(pages)
        }
    })
}

fn in_tasks<F>(tasks: usize, fetch: impl Fn() -> F) -> Fetched
where
    F: Future<Output = Result<Vec<Bytes>, Failure>> + Send + 'static,
{
    let runtime = runtime()?;
    let fetch_all = async {
        let tasks: JoinSet<_> = (0..tasks).map(|_| fetch()).collect();
        tasks.join_all().await
    };
    let (cost, results) = Cost::of(|| runtime.block_on(fetch_all))?;
    total(cost, results)
}

/// A thread for each page that is under way, and one agent of ureq, with a limit for a whole page or not.
pub fn ureq(addresses: &[String], together: usize, time: Option<Duration>) -> Fetched {
    let config = ureq::Agent::config_builder().proxy(None);
    let agent = config
        .timeout_global(time)
        .max_idle_connections(together)
        .max_idle_connections_per_host(together)
        .build();
    let (agent, todo) = (ureq::Agent::new_with_config(agent), Todo::new(addresses));
    let fetch = || {
        let mut pages = Vec::new();
        while let Some(address) = todo.next() {
            pages.push(Bytes::from(
                agent
                    .get(address)
                    .call()?
                    .into_body()
                    .with_config()
                    .limit(BYTES as u64)
                    .read_to_vec()?,
            ));
        }
        Ok(pages)
    };
    let (cost, results) = Cost::of(|| {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..together).map(|_| scope.spawn(fetch)).collect();
            threads
                .into_iter()
                .map(|it| it.join().expect("it does not panic"))
                .collect()
        })
    })?;
    total(cost, results)
}

fn total(cost: Cost, results: Vec<Result<Vec<Bytes>, Failure>>) -> Fetched {
    let mut bytes = 0;
    for result in results {
        let pages = result.map_err(|error| error.to_string())?;
        bytes += pages.iter().map(Bytes::len).sum::<usize>();
    }
    Ok((cost, bytes))
}
