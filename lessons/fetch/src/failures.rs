//! The act of everything that can go wrong with a page.

use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use timing::Lesson;
use tokio::runtime::Handle;

use crate::fetch::{Fetcher, Limits};
use crate::{LIMITS, report, sum};

/// Eight failures and one page: each is told in a line, and the page arrives.
pub fn act(lesson: &Lesson, event_loop: &Handle, server: SocketAddr) -> Result<(), Box<dyn Error>> {
    let fetcher = Fetcher::new(Limits {
        // A part of it does not get shorter with the lesson: it is for the other pages.
        time: Duration::from_millis(700) + timing::seconds(0.3),
        bytes: 100_000,
        ..LIMITS
    })?;
    let act = lesson.act("Whatever goes wrong with one page, the others arrive");
    let closed = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let cases = [
        ("an address without http", "sjtu.edu.cn".to_owned()),
        ("nobody there", format!("http://{closed}/")),
        ("no such page", format!("http://{server}/nothing")),
        ("a page that never comes", format!("http://{server}/never")),
        ("a page that breaks off", format!("http://{server}/half")),
        (
            "a page that is too large",
            format!("http://{server}/github.com"),
        ),
        ("a redirect to itself", format!("http://{server}/circle")),
        (
            "TLS with a plain server",
            format!("https://{server}/sjtu.edu.cn"),
        ),
        ("a page", format!("http://{server}/sjtu.edu.cn")),
    ];
    let addresses = cases.each_ref().map(|(_, address)| address);
    let outcomes = event_loop.block_on(fetcher.fetch_all(&addresses, |_| ()));
    for ((case, _), outcome) in cases.iter().zip(&outcomes) {
        report(case, outcome);
    }
    act.end(sum(&outcomes));
    Ok(())
}
