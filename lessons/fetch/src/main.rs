//! **Fetching**: pages that are waited for together take as long as the slowest.
//!
//! Python: `requests`, `aiohttp`, `ThreadPoolExecutor`   Rust: `reqwest`, `tokio`
//!
//!     cargo run -p lesson-fetch                 (9 seconds, needs no network)
//!     cargo run -p lesson-fetch -- --online     (the six real pages)
//!     cargo run -p lesson-fetch -- https://example.org/ https://example.com/
//!
//! The lesson starts a small server on this computer, and fetches six pages from
//! it: one by one, by 1, 5 and 15 threads, and all together with async. Then it
//! shows eight ways in which a page can fail.
//!
//! Take away: `src/fetch.rs`, which fetches many pages together, within limits.

mod failures;
mod fetch;
mod server;
mod session;
mod sites;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use fetch::Limits;
use session::{Outcome, Session};
use sites::{Site, elsewhere, sites};
use timing::{Lesson, say};

const OPTIONS: [&str; 2] = ["--online", "ADDRESS"];

const LIMITS: Limits = Limits {
    together: 100,
    per_host: 6,
    time: Duration::from_secs(10),
    bytes: 10_000_000,
    redirects: 10,
    proxies: false,
};

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &OPTIONS, |lesson| {
        let server = server::start()?;
        let sites = sites(lesson, server);
        // A proxy cannot reach the pages of this computer.
        let proxies = elsewhere(lesson);
        let session = Session::new(Limits { proxies, ..LIMITS })?;

        let act = lesson.act("One by one");
        let pages = one_by_one(lesson, &session, &sites);
        let sequential = act.end(sum(&pages));

        let act = lesson.act("By 1, 5 and 15 threads, each of which takes the next page");
        let mut sums = Vec::new();
        for threads in [1, 5, 15] {
            let work = || by_threads(lesson, &session, threads, &sites);
            let (pages, _) = timing::step(format_args!("threads: {threads}"), work);
            sums.push(sum(&pages));
        }
        sums.dedup(); // the same each time, unless the pages change
        act.end(sums.join(" or "));

        let act = lesson.act("All together, async");
        let pages = all_together(lesson, &session, &sites);
        let together = act.end(sum(&pages));
        all_have_arrived(&pages)?;

        if !elsewhere(lesson) {
            let session = failures::session()?;
            let act = lesson.act("One page fails, and the others arrive");
            let pages = failures::fetch(&session, server)?;
            act.end(sum(&pages));
        }

        lesson.speedup("fetch", sequential, together, Some(2.71 / 0.62));
        Ok(())
    })
}

/// This thread does nothing else until the page has arrived.
fn one_by_one(lesson: &Lesson, session: &Session, sites: &[Site]) -> Vec<Outcome> {
    let mut pages = Vec::new();
    for site in sites {
        let _span = lesson.lane(&site.name).waiting("");
        let page = session.get(&site.address);
        report(&site.name, &page);
        pages.push(page);
    }
    pages
}

/// The same blocking call on several threads. Each takes the next page until none is
/// left. More threads than pages have nothing to do.
fn by_threads(
    lesson: &Lesson,
    session: &Session,
    thread_count: usize,
    sites: &[Site],
) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let pages = Mutex::new(Vec::new());
    let work = || {
        while let Some(site) = sites.get(next.fetch_add(1, Relaxed)) {
            let _span = lesson.lane(&site.name).waiting("");
            let page = session.get(&site.address);
            pages.lock().unwrap().push(page);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread_count {
            scope.spawn(work);
        }
    });
    pages.into_inner().unwrap()
}

/// One thread waits for all pages, as long as the slowest takes.
fn all_together(lesson: &Lesson, session: &Session, sites: &[Site]) -> Vec<Outcome> {
    let addresses: Vec<_> = sites.iter().map(|site| &site.address).collect();
    let begin = |index: usize| lesson.lane(&sites[index].name).waiting("");
    let pages = session.get_all(&addresses, begin);
    for (site, page) in sites.iter().zip(&pages) {
        report(&site.name, page);
    }
    pages
}

fn all_have_arrived(pages: &[Outcome]) -> Result<(), Box<dyn Error>> {
    let failures: Vec<_> = pages
        .iter()
        .filter_map(|page| page.as_ref().err())
        .collect();
    let (missing, all) = (failures.len(), pages.len());
    match failures.first() {
        None => Ok(()),
        Some(why) => Err(format!("{missing} of {all} pages did not arrive ({why})").into()),
    }
}

fn report(name: &str, page: &Outcome) {
    match page {
        Ok(page) => say!("{name:<28} {:>6} bytes, {}", page.body.len(), page.status),
        Err(failure) => say!("{name:<28} {failure}"),
    }
}

fn sum(pages: &[Outcome]) -> String {
    let pages = pages.iter().flatten();
    let bytes: usize = pages.map(|page| page.body.len()).sum();
    format!("{bytes} bytes")
}
