//! What the chapter claims, checked. Nothing here leaves this computer.

#[path = "../src/fetch.rs"]
mod fetch;

use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use fetch::{Failure, Fetcher, Limits, Page};

/// The lesson, twenty times faster; what is in the environment of a proxy does not hold
/// for this computer.
fn lesson(arguments: &[&str]) -> Command {
    let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-fetch"));
    lesson.args(arguments).env("LESSON_SPEED", "20");
    lesson.env("no_proxy", "127.0.0.1").env_remove("NO_PROXY");
    lesson
}

/// What it prints, by act; the first entry is what comes before the acts.
fn acts_of(lesson: &mut Command) -> Vec<String> {
    let output = lesson.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    output.split("\n\n").map(str::to_owned).collect()
}

fn acts() -> Vec<String> {
    acts_of(&mut lesson(&[]))
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
    // 4.4 times if the machine does nothing else; if it does, in one run of many.
    let seen = (0..20).any(|_| {
        let acts = acts();
        let one_by_one = seconds("=>", &acts[1]);
        let together = seconds("=>", &acts[3]);
        assert!(one_by_one >= 2.71 / 20.0 && together >= 0.62 / 20.0);
        let [one, _, fifteen] = [1, 5, 15].map(|n| seconds(&format!("threads: {n} "), &acts[2]));
        assert!(one >= 2.71 / 20.0 && fifteen >= 0.62 / 20.0);
        one_by_one / together > 2.0 && one / fifteen > 2.0
    });
    assert!(seen);
}

/// Port 9 is closed: whatever goes there is refused.
#[test]
fn a_proxy_in_the_environment_is_not_for_the_lessons_own_pages() {
    let mut lesson = lesson(&[]);
    lesson.env_remove("no_proxy");
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"] {
        lesson.env(name, "http://127.0.0.1:9");
    }
    for name in ["all_proxy", "ALL_PROXY"] {
        lesson.env(name, "http://127.0.0.1:9");
    }
    let acts = acts_of(&mut lesson);
    assert!(acts[3].contains("=> 369324 bytes ("), "{acts:?}");
    assert!(acts[4].contains("bad TLS: "), "{acts:?}");
    assert_eq!(acts[4].matches("refused: ").count(), 1, "{acts:?}");
}

#[test]
fn a_proxy_in_the_environment_is_for_other_pages() {
    let proxy = serve(|address, client| page(client, address));
    let mut lesson = lesson(&["http://nowhere.example/page"]);
    lesson.env_remove("no_proxy").env_remove("HTTP_PROXY");
    lesson.env("http_proxy", format!("http://{proxy}"));
    let acts = acts_of(&mut lesson);
    let asked = "http://nowhere.example/page".len();
    assert!(acts[3].contains(&format!("=> {asked} bytes")), "{acts:?}");
}

/// As by Ctrl-Z and `fg`, again and again: the lesson's server waits on.
#[test]
fn a_stop_does_not_end_the_page_that_never_comes() {
    let child = lesson(&[]).stdout(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    let send = |signal: &str| {
        let kill = Command::new("kill")
            .args([signal, &id.to_string()])
            .status();
        assert!(kill.unwrap().success());
    };
    let stat = || fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    // Not waited for before it has ended, so the id stays this child's.
    while !stat().contains(") Z ") {
        send("-STOP");
        while !stat().contains(") T ") && !stat().contains(") Z ") {
            thread::yield_now();
        }
        send("-CONT");
        thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    let never = output.lines().find(|line| line.contains("no answer "));
    assert!(never.unwrap().contains("too slow: "), "{output}");
}

#[test]
fn each_failure_is_one_line_and_the_page_arrives() {
    let act = &acts()[4];
    let lines = [
        "bad address: ",
        "refused: ",
        "answered 404 Not Found",
        "too slow: ",
        "broken off: ",
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
    let output = lesson(&[&format!("http://{server}/")]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("=> 5 bytes") && !text.contains("github"),
        "{text}"
    );

    let output = lesson(&[&format!("http://{server}/"), "nonsense"]);
    let output = { output }.output().unwrap();
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
    proxies: false,
};

/// A server that reads a request, hands its path and the connection to `answer`, and
/// closes the connection.
fn serve(answer: impl Fn(&str, &mut TcpStream) + Clone + Send + 'static) -> SocketAddr {
    serve_all(move |mut client| {
        let path = request(&mut client).unwrap();
        answer(&path, &mut client);
    })
}

/// A server that hands each connection to `answer`, on a thread of its own.
fn serve_all(answer: impl Fn(TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, answer) = (client.unwrap(), answer.clone());
            thread::spawn(move || answer(client));
        }
    });
    address
}

/// The path of the next request, if there is one.
fn request(client: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    head.split(' ').nth(1).map(str::to_owned)
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

fn moved(client: &mut TcpStream, target: &str) {
    let head = format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\n");
    let rest = "Content-Length: 0\r\nConnection: close\r\n\r\n";
    send(client, &(head + rest));
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
            20 => assert!(matches!(page, Err(Failure::BadAddress))),
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
    assert!(matches!(page, Err(Failure::TooSlow)), "{page:?}");
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
        assert_eq!(fetch(LIMITS, &address).unwrap(), "x".repeat(1000));
        let limits = Limits {
            bytes: 999,
            ..LIMITS
        };
        let page = fetch(limits, &address);
        assert!(matches!(page, Err(Failure::TooLarge)), "{page:?}");
    }
}

#[test]
fn as_many_redirects_are_followed_as_the_limit_says() {
    // From /3 to /2, /1 and /0, which is a page.
    let server = serve(|path, client| match path[1..].parse().unwrap() {
        0 => page(client, "there"),
        n => moved(client, &format!("/{}", n - 1)),
    });
    let page = fetch(LIMITS, &format!("http://{server}/3"));
    assert_eq!(page.unwrap(), "there");
    let page = fetch(LIMITS, &format!("http://{server}/4"));
    assert!(matches!(page, Err(Failure::TooManyRedirects)), "{page:?}");
}

#[test]
fn a_failure_after_a_redirect_names_its_target() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let refuses = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let target = refuses.clone();
    let server = serve(move |path, client| match path {
        "/refused" => moved(client, &target),
        "/missing" => moved(client, "nothing"),
        "/odd" => moved(client, "ftp://example.org/"),
        _ => send(
            client,
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        ),
    });
    let missing = format!("http://{server}/nothing");
    for (path, target, why) in [
        (
            "refused",
            refuses.as_str(),
            "refused: no server at this address",
        ),
        ("missing", &missing, "answered 404 Not Found"),
        ("odd", "ftp://example.org/", "bad address: "),
    ] {
        let failure = fetch(LIMITS, &format!("http://{server}/{path}")).unwrap_err();
        let told = failure.to_string();
        assert!(
            told.starts_with(&format!("redirected to {target}: {why}")),
            "{told}"
        );
        let source = failure.source().expect("a cause").to_string();
        assert!(source.starts_with(why), "{source}");
    }
}

/// A server that keeps each connection open, and closes it instead of answering the second
/// request on it.
#[test]
fn a_page_arrives_although_the_server_closes_a_kept_connection() {
    let server = serve_all(|mut client| {
        let Some(path) = request(&mut client) else {
            return;
        };
        match path.as_str() {
            "/moved" => send(&mut client, "HTTP/1.1 302 Found\r\nLocation: /page\r\n"),
            _ => send(&mut client, "HTTP/1.1 200 OK\r\n"),
        }
        send(&mut client, "Content-Length: 5\r\n\r\nhello");
        request(&mut client);
    });
    let fetcher = Fetcher::new(LIMITS).unwrap();
    block_on(async {
        for path in ["page", "page", "moved", "moved", "page"] {
            let page = fetcher.fetch(format!("http://{server}/{path}")).await;
            assert_eq!(page.unwrap().body, b"hello", "{path}");
        }
        let addresses = vec![format!("http://{server}/moved"); 50];
        let pages = fetcher.fetch_all(&addresses, |_| ()).await;
        assert!(pages.iter().all(Result::is_ok), "{pages:?}");
    });
}

#[test]
fn a_server_that_never_answers_is_asked_twice() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = serve(move |_, _| _ = count.fetch_add(1, SeqCst));
    let page = fetch(LIMITS, &format!("http://{server}/"));
    assert!(matches!(page, Err(Failure::BrokenOff)), "{page:?}");
    assert_eq!(asked.load(SeqCst), 2);
}

/// From another thread than that of the runtime, which notices at the same moment that the
/// connection has been closed. It took its whole limit now and then.
#[test]
fn no_page_waits_for_a_connection_that_is_gone() {
    let server = serve_all(|mut client| {
        client.set_nodelay(true).unwrap();
        if request(&mut client).is_some() {
            send(
                &mut client,
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            );
            // So long that the next request is about to come.
            thread::sleep(Duration::from_micros(50));
        }
    });
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    let event_loop = runtime.handle().clone();
    thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    let fetcher = Fetcher::new(LIMITS).unwrap();
    for _ in 0..5000 {
        let page = event_loop.block_on(fetcher.fetch(format!("http://{server}/")));
        assert_eq!(page.unwrap().body, b"hello");
    }
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
    for server in [resets, hangs_up, half] {
        let failure = failure(format!("http://{server}/"));
        assert!(matches!(failure, Failure::BrokenOff), "{failure:?}");
    }
    let refused = failure(format!("http://{refuses}/"));
    assert!(matches!(refused, Failure::Refused), "{refused:?}");
    for address in [
        "",
        "example.org",
        "ftp://example.org/",
        "http://",
        "http://[::1",
    ] {
        let failure = failure(address.into());
        assert!(matches!(failure, Failure::BadAddress), "{address}");
    }
}

#[test]
fn dropping_the_future_closes_the_connections() {
    let (tell, told) = mpsc::channel();
    let server = serve(move |_, client| {
        tell.send("asked").unwrap();
        let _ = client.read(&mut [0]);
        tell.send("closed").unwrap();
    });
    let address = format!("http://{server}/");
    let fetcher = Fetcher::new(Limits {
        time: Duration::from_secs(600),
        ..LIMITS
    })
    .unwrap();
    block_on(async {
        let wait_for_four = async |what| {
            for _ in 0..4 {
                let next = async {
                    loop {
                        match told.try_recv() {
                            Ok(news) => return news,
                            Err(_) => tokio::task::yield_now().await,
                        }
                    }
                };
                let next = tokio::time::timeout(LIMITS.time, next).await;
                assert_eq!(next.expect("a connection stays open"), what);
            }
        };
        let one = tokio::spawn({
            let (fetcher, address) = (fetcher.clone(), address.clone());
            async move { fetcher.fetch(address).await }
        });
        let three = tokio::spawn(async move { fetcher.fetch_all(&vec![address; 3], |_| ()).await });
        wait_for_four("asked").await;
        one.abort();
        three.abort();
        wait_for_four("closed").await;
    });
}
