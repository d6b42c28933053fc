//! **Fetching**: pages that are waited for together take as long as the slowest.
//!
//! Python: `requests`, `aiohttp`, `ThreadPoolExecutor`   Rust: `reqwest`, `tokio`
//!
//!     cargo run -p lesson-fetch                 (9 seconds, needs no network)
//!     cargo run -p lesson-fetch -- --online     (the six real pages)
//!     cargo run -p lesson-fetch -- https://example.org/ https://example.com/
//!
//! Six pages, from a server that the lesson starts on this computer: one by one,
//! by 1, 5 and 15 threads, and all together by async. Then all that can go wrong
//! with a page.
//!
//! Take away: `src/fetch.rs`, which fetches many pages together, within limits.

mod failures;
mod fetch;
mod server;

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use std::{future, io, thread};

use fetch::{Failure, Fetcher, Limits, Page};
use server::PAGES;
use timing::{Lesson, say};
use tokio::runtime::{Builder, Handle};

const OPTIONS: [&str; 2] = ["--online", "ADDRESS"];

const LIMITS: Limits = Limits {
    together: 100,
    per_host: 6,
    time: Duration::from_secs(10),
    bytes: 10_000_000,
    redirects: 10,
    proxies: false, // see `fetcher`
};

type Outcome = Result<Page, Failure>;

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &OPTIONS, |lesson| {
        let event_loop = start_event_loop()?;
        let server = server::start()?;
        let sites = sites(lesson, server);

        let one_by_one = one_by_one(lesson, &event_loop, &sites)?;
        by_threads(lesson, &event_loop, &sites)?;
        let together = all_together(lesson, &event_loop, &sites)?;
        if !elsewhere(lesson) {
            failures::act(lesson, &event_loop, server)?;
        }
        lesson.speedup("fetch", one_by_one, together, Some(2.71 / 0.62));
        Ok(())
    })
}

/// A page to fetch, and what it is called here.
struct Site {
    name: String,
    address: String,
}

/// The addresses that were given; if there are none, the author's pages.
fn sites(lesson: &Lesson, server: SocketAddr) -> Vec<Site> {
    let site = |start: &str, name: &str| Site {
        name: name.to_owned(),
        address: format!("{start}{name}"),
    };
    if lesson.words().next().is_some() {
        return lesson.words().map(|word| site("", word)).collect();
    }
    let start = match lesson.has("--online") {
        true => "https://".to_owned(),
        false => format!("http://{server}/"),
    };
    PAGES.iter().map(|(page, ..)| site(&start, page)).collect()
}

/// Whether the pages are those of other computers.
fn elsewhere(lesson: &Lesson) -> bool {
    lesson.has("--online") || lesson.words().next().is_some()
}

/// Pages of this computer are fetched from it, whatever proxy the environment names.
fn fetcher(lesson: &Lesson) -> Result<Fetcher, Box<dyn Error>> {
    let proxies = elsewhere(lesson);
    Ok(Fetcher::new(Limits { proxies, ..LIMITS })?)
}

/// What waits for all pages: one thread, whoever asked for them.
fn start_event_loop() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let event_loop = runtime.handle().clone();
    thread::Builder::new().spawn(move || runtime.block_on(future::pending::<()>()))?;
    Ok(event_loop)
}

/// `block_on` makes a blocking call of it, like `requests.get`: this thread does nothing
/// else until the page is there.
fn one_by_one(
    lesson: &Lesson,
    event_loop: &Handle,
    sites: &[Site],
) -> Result<Duration, Box<dyn Error>> {
    let fetcher = fetcher(lesson)?;
    let act = lesson.act("One by one");
    let mut outcomes = Vec::new();
    for site in sites {
        let _span = lesson.lane(&site.name).waiting("");
        let outcome = event_loop.block_on(fetcher.fetch(&site.address));
        report(&site.name, &outcome);
        outcomes.push(outcome);
    }
    Ok(act.end(sum(&outcomes)))
}

/// The same blocking calls on several threads: each takes the next page until there is
/// none left. More threads than pages find nothing more to do.
fn by_threads(lesson: &Lesson, event_loop: &Handle, sites: &[Site]) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("By 1, 5 and 15 threads, each of which takes the next page");
    let mut sums = Vec::new();
    for threads in [1, 5, 15] {
        let fetcher = fetcher(lesson)?;
        let outcomes = Mutex::new(Vec::new());
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(site) = sites.get(next.fetch_add(1, Relaxed)) {
                let _span = lesson.lane(&site.name).waiting("");
                let outcome = event_loop.block_on(fetcher.fetch(&site.address));
                outcomes.lock().unwrap().push(outcome);
            }
        };
        let (started, _) = timing::step(format_args!("threads: {threads}"), || {
            thread::scope(|scope| {
                (0..threads).try_for_each(|_| {
                    let thread = thread::Builder::new().spawn_scoped(scope, work);
                    thread.map(drop) // the scope joins it
                })
            })
        });
        started?;
        sums.push(sum(&outcomes.into_inner().unwrap()));
    }
    sums.dedup(); // the same each time, unless the pages change
    act.end(sums.join(" or "));
    Ok(())
}

/// Async: one thread waits for all of them, as long as the slowest takes.
fn all_together(
    lesson: &Lesson,
    event_loop: &Handle,
    sites: &[Site],
) -> Result<Duration, Box<dyn Error>> {
    let fetcher = fetcher(lesson)?;
    let act = lesson.act("All together, async");
    let addresses: Vec<_> = sites.iter().map(|site| &site.address).collect();
    let begin = |index: usize| lesson.lane(&sites[index].name).waiting("");
    let outcomes = event_loop.block_on(fetcher.fetch_all(&addresses, begin));
    for (site, outcome) in sites.iter().zip(&outcomes) {
        report(&site.name, outcome);
    }
    let time = act.end(sum(&outcomes));
    let failures: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().err())
        .collect();
    let (missing, all) = (failures.len(), sites.len());
    match failures.first() {
        None => Ok(time),
        Some(why) => Err(format!("{missing} of {all} pages did not arrive ({why})").into()),
    }
}

fn report(name: &str, outcome: &Outcome) {
    match outcome {
        Ok(page) => say!("{name:<28} {:>6} bytes, {}", page.body.len(), page.status),
        Err(failure) => say!("{name:<28} {failure}"),
    }
}

fn sum(outcomes: &[Outcome]) -> String {
    let pages = outcomes.iter().flatten();
    let bytes: usize = pages.map(|page| page.body.len()).sum();
    format!("{bytes} bytes")
}
