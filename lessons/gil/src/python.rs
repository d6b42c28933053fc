//! A Python of this machine, asked to count; it may be missing, broken or silent.

use std::fmt::{self, Display};
use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use timing::pretty;

/// Put before the script. Our end of its standard input closes when the lesson ends,
/// however that happens; then the script ends as well, in the middle of its count.
const ENDS_WITH_US: &str = "\
import os, threading
threading.Thread(target=lambda: os._exit(len(os.read(0, 1))), daemon=True).start()
";

/// Several times as long as the count takes on an idle machine.
const LIMIT: Duration = Duration::from_secs(10);

/// What `count.py` measured.
pub struct Count {
    version: String,
    gil: String,
    pub one_thread: Duration,
    pub two_threads: Duration,
    /// Processor time of the two threads, divided by the time that they took.
    cores: f64,
}

impl Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, two] = [self.one_thread, self.two_threads].map(pretty);
        let Self { version, gil, .. } = self;
        let cores = self.cores;
        write!(f, "Python {version}, its GIL is {gil}: ")?;
        write!(f, "one thread {one}, two threads {two} on {cores:.2} cores")
    }
}

/// Has `python` run `count.py`. The error says why there are no figures.
pub fn count(python: &str) -> Result<Count, String> {
    let script = format!("{ENDS_WITH_US}{}", include_str!("../count.py"));
    let mut python = Command::new(python)
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let stdout = python.stdout.take().expect("it is piped");
    let (sender, answer) = mpsc::channel();
    thread::spawn(move || sender.send(io::read_to_string(stdout.take(1000))));
    let answer = answer.recv_timeout(LIMIT);
    // It has answered, or it is too late. (`wait` closes its standard input.)
    if let Ok(None) = python.try_wait() {
        let _ = python.kill();
        let _ = python.wait();
    }

    let answer = answer.map_err(|_| format!("no answer within {} s", LIMIT.as_secs()))?;
    let answer = answer.map_err(|error| error.to_string())?;
    parse(&answer).ok_or_else(|| format!("it answers {answer:?}"))
}

fn parse(answer: &str) -> Option<Count> {
    let seconds = |word: &str| Duration::try_from_secs_f64(word.parse().ok()?).ok();
    let [version, gil, one, two, cores] = answer.split_whitespace().collect::<Vec<_>>()[..] else {
        return None;
    };
    Some(Count {
        version: version.to_owned(),
        gil: gil.to_owned(),
        one_thread: seconds(one)?,
        two_threads: seconds(two)?,
        cores: cores.parse().ok()?,
    })
}
