//! The web server of all sides that fetch pages, Python's too: a process of its own, so
//! that what it uses counts for no side.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::process::{self, Child, Command, Stdio};
use std::time::Duration;
use std::{env, thread};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use super::runtime;
use crate::sides::Values;

/// Ends when it is dropped, or with this process at the latest.
pub struct Server {
    process: Child,
    /// Host and port.
    pub address: String,
}

impl Server {
    pub fn start() -> io::Result<Self> {
        let mut process = Command::new(env::current_exe()?);
        let process = process.args(["--side", "fetch-server"]);
        let mut process = process
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut address)?;
        }
        address.truncate(address.trim_end().len());
        Ok(Self { process, address })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.wait(); // which closes its standard input
    }
}

/// Prints its address and answers `GET /DELAY/BYTES`, after so many milliseconds, until its
/// standard input ends.
pub fn serve() -> Result<Values, Box<dyn Error>> {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(0)
    });
    runtime()?.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        // Hundreds connect at once, and a client that finds no place tries again after a second.
        let listener = socket.listen(1024)?;
        writeln!(io::stdout(), "{}", listener.local_addr()?)?;
        loop {
            let (client, _) = listener.accept().await?;
            // An error means that the client has gone: there is nobody to tell.
            tokio::spawn(answer(client));
        }
    })
}

async fn answer(mut client: TcpStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    let (mut request, mut page) = (Vec::with_capacity(4096), Vec::new());
    while client.read_buf(&mut request).await? > 0 {
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        let arrival = Instant::now();
        let (delay, bytes) = parse(&request).ok_or(io::ErrorKind::InvalidData)?;
        request.clear();
        page.clear();
        write!(page, "HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n")?;
        page.resize(page.len() + bytes, b'.');
        wait_until(arrival + Duration::from_millis(delay)).await;
        client.write_all(&page).await?;
    }
    Ok(())
}

/// The runtime's timer is up to a millisecond late. A page of 20 ms is to take no longer, so
/// the last bit is waited for by asking.
async fn wait_until(moment: Instant) {
    let early = moment - Duration::from_millis(1);
    if Instant::now() < early {
        sleep_until(early).await;
    }
    while Instant::now() < moment {
        yield_now().await;
    }
}

fn parse(request: &[u8]) -> Option<(u64, usize)> {
    let path = request
        .strip_prefix(b"GET /")?
        .split(|byte| *byte == b' ')
        .next()?;
    let (delay, bytes) = str::from_utf8(path).ok()?.split_once('/')?;
    Some((delay.parse().ok()?, bytes.parse().ok()?))
}
