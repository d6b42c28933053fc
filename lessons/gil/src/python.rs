//! The machine's own `python3`, asked to count; it may be missing, broken or silent.

use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Put before the script. Our end of its standard input is closed when the lesson ends, in
/// whatever way; then the script leaves, too, however much it has left to count.
const LEAVES_WITH_US: &str = "\
import os, threading
threading.Thread(target=lambda: os._exit(len(os.read(0, 1))), daemon=True).start()
";

/// Its version, and the times that `count.py` takes there on one thread and on two; or
/// why there are none.
pub fn count() -> Result<(String, Duration, Duration), String> {
    let mut python = Command::new("python3")
        .args([
            "-c",
            &format!("{LEAVES_WITH_US}{}", include_str!("../count.py")),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let stdout = python.stdout.take().expect("it is piped");
    let (sender, answer) = mpsc::channel();
    thread::spawn(move || sender.send(io::read_to_string(stdout.take(1000))));
    let answer = answer.recv_timeout(Duration::from_secs(5));
    // It has answered, or it never will. (`wait` closes its standard input.)
    if let Ok(None) = python.try_wait() {
        let _ = python.kill();
        let _ = python.wait();
    }

    let answer = answer.map_err(|_| "no answer within 5 s")?;
    let answer = answer.map_err(|error| error.to_string())?;
    parse(&answer).ok_or_else(|| format!("it answers {answer:?}"))
}

fn parse(answer: &str) -> Option<(String, Duration, Duration)> {
    let seconds = |word: &str| Duration::try_from_secs_f64(word.parse().ok()?).ok();
    let [version, one, two] = answer.split_whitespace().collect::<Vec<_>>()[..] else {
        return None;
    };
    Some((version.to_owned(), seconds(one)?, seconds(two)?))
}
