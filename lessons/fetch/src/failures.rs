//! Eight ways in which a page can fail.

use std::error::Error;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use crate::fetch::Limits;
use crate::session::{Outcome, Session};
use crate::{LIMITS, report};

/// With limits that are soon reached.
pub fn session() -> Result<Session, Box<dyn Error>> {
    Session::new(Limits {
        // `LESSON_SPEED` shortens only a part of it: the good page needs some real time.
        time: Duration::from_millis(700) + timing::seconds(0.3),
        bytes: 100_000,
        ..LIMITS
    })
}

/// Eight failures and one page. Each failure is reported in one line, and the page arrives.
pub fn fetch(session: &Session, server: SocketAddr) -> io::Result<Vec<Outcome>> {
    let closed = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let cases = [
        ("an address without http", "sjtu.edu.cn".to_owned()),
        ("no server there", format!("http://{closed}/")),
        ("no such page", format!("http://{server}/nothing")),
        ("no answer", format!("http://{server}/never")),
        ("half a page", format!("http://{server}/half")),
        ("a large page", format!("http://{server}/github.com")),
        ("a redirect to itself", format!("http://{server}/circle")),
        (
            "TLS with a plain server",
            format!("https://{server}/sjtu.edu.cn"),
        ),
        ("a page", format!("http://{server}/sjtu.edu.cn")),
    ];
    let addresses = cases.each_ref().map(|(_, address)| address);
    let pages = session.get_all(&addresses, |_| ());
    for ((case, _), page) in cases.iter().zip(&pages) {
        report(case, page);
    }
    Ok(pages)
}
