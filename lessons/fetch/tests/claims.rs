//! What the chapter claims, checked. Nothing here leaves this computer.

#[path = "../src/fetch.rs"]
mod fetch;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use fetch::{Failure, Fetcher, Limits, Page};

/// Runs the lesson twenty times faster.
fn lesson(arguments: &[&str]) -> Output {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-fetch"));
    let lesson = lesson.args(arguments).env("LESSON_SPEED", "20");
    lesson.output().unwrap()
}

/// What the lesson prints, by act; the first entry is what comes before the acts.
fn acts() -> Vec<String> {
    let output = lesson(&[]);
    assert!(output.status.success(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    output.split("\n\n").map(str::to_owned).collect()
}

/// The seconds at the end of the first line with these words.
fn seconds(words: &str, text: &str) -> f64 {
    let line = text.lines().find(|line| line.contains(words)).unwrap();
    let mut words = line.trim_end_matches(')').rsplit([' ', '(']);
    let unit = if words.next() == Some("s") { 1.0 } else { 1e-3 };
    words.next().unwrap().parse::<f64>().unwrap() * unit
}

#[test]
fn every_way_gets_the_same_bytes() {
    let acts = acts();
    for act in &acts[1..=3] {
        assert!(act.contains("=> 369324 bytes ("), "{act}");
    }
}

#[test]
fn one_by_one_takes_the_sum_and_together_the_slowest() {
    let acts = acts();
    let one_by_one = seconds("=>", &acts[1]);
    let together = seconds("=>", &acts[3]);
    assert!(one_by_one >= 2.71 / 20.0 && together >= 0.62 / 20.0);
    // 4.4 times if the machine does nothing else.
    assert!(one_by_one / together > 2.0, "{acts:?}");

    let [one, _, fifteen] = [1, 5, 15].map(|n| seconds(&format!("threads: {n} "), &acts[2]));
    assert!(one >= 2.71 / 20.0 && fifteen >= 0.62 / 20.0);
    assert!(one / fifteen > 2.0, "{acts:?}");
}

#[test]
fn each_failure_is_one_line_and_the_page_arrives() {
    let act = &acts()[4];
    let lines = [
        "bad address: ",
        "refused: ",
        "answered 404 Not Found",
        "too slow: ",
        "broken off by the server",
        "too large: ",
        "too many redirects: ",
        "bad TLS: ",
        " 69499 bytes, 200 OK",
    ];
    for (line, expected) in act.lines().skip(1).zip(lines) {
        assert!(line.contains(expected), "{expected}: {act}");
    }
    assert_eq!(act.lines().count(), 1 + lines.len() + 1, "{act}");
}

#[test]
fn addresses_that_are_given_are_fetched_instead() {
    let server = serve(|_, client| page(client, "hello"));
    let output = lesson(&[&format!("http://{server}/")]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("=> 5 bytes") && !text.contains("github"),
        "{text}"
    );

    let output = lesson(&[&format!("http://{server}/"), "nonsense"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("bad address: ") && text.contains("=> 5 bytes"),
        "{text}"
    );
    let error = String::from_utf8_lossy(&output.stderr);
    let expected = "lesson-fetch: 1 of 2 pages did not arrive (bad address: ";
    assert!(error.starts_with(expected), "{error}");
}

// The piece.

const LIMITS: Limits = Limits {
    together: 10,
    per_host: 10,
    time: Duration::from_secs(30),
    bytes: 1000,
    redirects: 3,
};

/// A server that reads a request, hands its path and the connection to `answer`, and
/// closes the connection.
fn serve(answer: impl Fn(&str, &mut TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, answer) = (client.unwrap(), answer.clone());
            thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).unwrap() == 1 {
                    head.push(byte[0]);
                }
                let head = String::from_utf8(head).unwrap();
                answer(head.split(' ').nth(1).unwrap(), &mut client);
            });
        }
    });
    address
}

/// Sends text; the client may have gone, which is its business.
fn send(client: &mut TcpStream, text: &str) {
    let _ = client.write_all(text.as_bytes());
}

fn page(client: &mut TcpStream, body: &str) {
    let length = body.len();
    send(
        client,
        &format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n"),
    );
    send(client, &format!("Connection: close\r\n\r\n{body}"));
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}

fn fetch_all(limits: Limits, addresses: &[String]) -> Vec<Result<Page, Failure>> {
    let fetcher = Fetcher::new(limits).unwrap();
    block_on(fetcher.fetch_all(addresses, |_| ()))
}

/// What becomes of a single page; of one that arrives, the body.
fn fetch(limits: Limits, address: &str) -> Result<String, Failure> {
    let page = block_on(Fetcher::new(limits).unwrap().fetch(address))?;
    assert_eq!(page.status, 200);
    Ok(String::from_utf8(page.body).unwrap())
}

#[test]
fn results_come_in_the_order_of_the_addresses() {
    let server = serve(|path, client| {
        if path == "/missing" {
            return send(
                client,
                "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            );
        }
        page(client, path);
    });
    let mut addresses: Vec<_> = (0..100).map(|n| format!("http://{server}/{n}")).collect();
    addresses[10] = format!("http://{server}/missing");
    addresses[20] = "nonsense".into();
    for (index, page) in fetch_all(LIMITS, &addresses).into_iter().enumerate() {
        match index {
            10 => assert_eq!(page.unwrap_err().to_string(), "answered 404 Not Found"),
            20 => assert_eq!(page.unwrap_err(), Failure::BadAddress),
            _ => assert_eq!(page.unwrap().body, format!("/{index}").into_bytes()),
        }
    }
    assert!(fetch_all(LIMITS, &[]).is_empty());
}

/// Counts itself among those under way for as long as it lives.
struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[test]
fn no_more_pages_are_under_way_than_the_limits_allow() {
    let server = serve(|path, client| page(client, path));
    let addresses: Vec<_> = (0..30).map(|n| format!("http://{server}/{n}")).collect();
    for (together, per_host, most) in [(4, 10, 4), (10, 3, 3), (0, 0, 1)] {
        let limits = Limits {
            together,
            per_host,
            ..LIMITS
        };
        let fetcher = Fetcher::new(limits).unwrap();
        let (under_way, peak) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
        let pages = block_on(fetcher.fetch_all(&addresses, |_| {
            peak.fetch_max(under_way.fetch_add(1, SeqCst) + 1, SeqCst);
            UnderWay(Arc::clone(&under_way))
        }));
        assert!(pages.iter().all(Result::is_ok));
        assert_eq!((peak.into_inner(), under_way.load(SeqCst)), (most, 0));
    }
}

/// Both pages of the first host wait until the one of the second host has been asked for:
/// if they took all places, none would ever arrive.
#[test]
fn a_slow_host_does_not_hold_up_another_one() {
    let (go_on, may_go_on) = mpsc::channel();
    let may_go_on = Arc::new(Mutex::new(may_go_on));
    let server = serve(move |path, client| {
        if path == "/other" {
            go_on.send(()).unwrap();
            go_on.send(()).unwrap();
        } else if may_go_on.lock().unwrap().recv().is_err() {
            return;
        }
        page(client, path);
    });
    let port = server.port();
    let hosts = ["127.0.0.1", "127.0.0.1", "localhost"].into_iter();
    let addresses: Vec<_> = hosts
        .zip(["slow", "slow", "other"])
        .map(|(host, path)| format!("http://{host}:{port}/{path}"))
        .collect();
    let time = Duration::from_secs(10);
    let limits = Limits {
        together: 2,
        per_host: 1,
        time,
        ..LIMITS
    };
    let pages = fetch_all(limits, &addresses);
    assert!(pages.iter().all(Result::is_ok), "{pages:?}");
}

#[test]
fn the_limit_on_time_holds_to_the_last_byte() {
    let server = serve(|_, client| {
        send(client, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
        // A byte now and then, for as long as the client is there.
        while client.write_all(b".").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let limits = Limits {
        time: Duration::from_millis(200),
        ..LIMITS
    };
    let page = fetch(limits, &format!("http://{server}/"));
    assert_eq!(page, Err(Failure::TooSlow));
}

#[test]
fn the_limit_on_bytes_holds_with_and_without_an_announced_length() {
    let announced = serve(|_, client| page(client, &"x".repeat(1000)));
    let silent = serve(|_, client| {
        send(client, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        send(client, &"x".repeat(1000));
    });
    for server in [announced, silent] {
        let address = format!("http://{server}/");
        assert_eq!(fetch(LIMITS, &address), Ok("x".repeat(1000)));
        let limits = Limits {
            bytes: 999,
            ..LIMITS
        };
        assert_eq!(fetch(limits, &address), Err(Failure::TooLarge));
    }
}

#[test]
fn as_many_redirects_are_followed_as_the_limit_says() {
    // From /3 to /2, /1 and /0, which is a page.
    let server = serve(|path, client| match path[1..].parse().unwrap() {
        0 => page(client, "there"),
        n => {
            let to = n - 1;
            send(
                client,
                &format!("HTTP/1.1 302 Found\r\nLocation: /{to}\r\n"),
            );
            send(client, "Content-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    assert_eq!(
        fetch(LIMITS, &format!("http://{server}/3")),
        Ok("there".into())
    );
    let page = fetch(LIMITS, &format!("http://{server}/4"));
    assert_eq!(page, Err(Failure::TooManyRedirects));
}

#[test]
fn each_failure_has_its_name() {
    // A connection that is closed with something unread in it is reset.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let resets = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            client.unwrap().peek(&mut [0]).unwrap();
        }
    });
    let hangs_up = serve(|_, _| ());
    let half = serve(|_, client| send(client, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let refuses = closed.local_addr().unwrap();
    drop(closed);

    let failure = |address: String| fetch(LIMITS, &address).unwrap_err();
    assert_eq!(failure(format!("http://{resets}/")), Failure::BrokenOff);
    assert_eq!(failure(format!("http://{hangs_up}/")), Failure::BrokenOff);
    assert_eq!(failure(format!("http://{half}/")), Failure::BrokenOff);
    assert_eq!(failure(format!("http://{refuses}/")), Failure::Refused);
    for address in [
        "",
        "example.org",
        "ftp://example.org/",
        "http://",
        "http://[::1",
    ] {
        assert_eq!(failure(address.into()), Failure::BadAddress, "{address}");
    }
}

#[test]
fn dropping_the_future_closes_the_connections() {
    let (closed, is_closed) = mpsc::channel();
    let server = serve(move |_, client| {
        let _ = client.read(&mut [0]);
        closed.send(()).unwrap();
    });
    let fetcher = Fetcher::new(LIMITS).unwrap();
    let addresses = vec![format!("http://{server}/"); 3];
    block_on(async {
        let pages = fetcher.fetch_all(&addresses, |_| ());
        let limit = Duration::from_millis(100);
        assert!(tokio::time::timeout(limit, pages).await.is_err());
        let all_closed = async {
            for _ in 0..3 {
                while is_closed.try_recv().is_err() {
                    tokio::task::yield_now().await;
                }
            }
        };
        let all_closed = tokio::time::timeout(LIMITS.time, all_closed).await;
        all_closed.expect("a connection stays open");
    });
}
