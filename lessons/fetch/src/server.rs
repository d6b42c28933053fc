//! A small web server on this computer, so that the lesson needs no network.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// The six pages of Yang's article: the sizes that he printed, and delays that add up to
/// his seconds.
pub const PAGES: [(&str, usize, f64); 6] = [
    ("github.com", 282_454, 0.62),
    ("sjtu.edu.cn", 69_499, 0.30),
    ("acm.sjtu.edu.cn/OnlineJudge/", 6_467, 0.45),
    ("chat.deepseek.com", 2_024, 0.38),
    ("www.bilibili.com", 1_886, 0.34),
    ("stackoverflow.com/questions", 6_994, 0.62),
];

/// Starts the server, which then runs to the end of the program: a thread for each
/// connection, one request on each.
pub fn start() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    // Both ends of all connections are in this process. The lesson fails here, and not in
    // its middle, if the process may not open enough files.
    let ends = (0..32).map(|_| listener.try_clone());
    ends.collect::<io::Result<Vec<_>>>()?;
    let accept = move || {
        loop {
            match listener.accept() {
                // Without a thread for it, the client sees its connection closed.
                Ok((client, _)) => drop(thread::Builder::new().spawn(|| serve(client))),
                // Too many open files: the client waits until another client is served.
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
        }
    };
    thread::Builder::new().spawn(accept)?;
    Ok(address)
}

/// An error means that the client has closed its end. Nothing is left to do then.
fn serve(mut client: TcpStream) -> io::Result<()> {
    let path = read_request(&mut client)?;
    let page = PAGES.iter().find(|(page, ..)| *page == path);
    match (path.as_str(), page) {
        (_, Some((_, bytes, delay))) => {
            thread::sleep(timing::seconds(*delay));
            respond(&mut client, "200 OK", *bytes, &vec![b'.'; *bytes])
        }
        ("circle", _) => respond(&mut client, "302 Found\r\nLocation: /circle", 0, b""),
        ("half", _) => respond(&mut client, "200 OK", 100, b"breaks off here"),
        ("never", _) => io::copy(&mut client, &mut io::sink()).map(drop), // until the client gives up
        _ => respond(&mut client, "404 Not Found", 0, b""),
    }
}

fn respond(client: &mut TcpStream, status: &str, length: usize, body: &[u8]) -> io::Result<()> {
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    client.write_all(head.as_bytes())?;
    client.write_all(body)
}

/// The path of a GET request, without its first `/`; empty for anything else, such as TLS.
fn read_request(client: &mut TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    let mut bytes = [0; 4096];
    while !request.ends_with(b"\r\n\r\n") {
        let count = client.read(&mut bytes)?;
        request.extend_from_slice(&bytes[..count]);
        if count == 0 || !request.starts_with(b"GET /") {
            return Ok(String::new());
        }
    }
    let path = String::from_utf8_lossy(&request[5..]);
    Ok(path.split(' ').next().unwrap_or_default().to_owned())
}
