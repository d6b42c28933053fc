//! The judge of shared-memory-1.

mod yours;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};
use yours::{add_one, create};

/// This process alone. With `COUNT_IN`, it is one of those that the other programs start: when its
/// input ends, it adds to that file, `TIMES` times, and prints a letter for each.
pub fn one_process() {
    if let Some(path) = env::var_os("COUNT_IN") {
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        let times: u32 = env::var("TIMES").unwrap().parse().unwrap();
        for _ in 0..times {
            let added = add_one(Path::new(&path)).is_ok();
            print!("{}", if added { "+" } else { "-" });
            std::io::Write::flush(&mut std::io::stdout()).unwrap();
        }
        return;
    }
    let file = Counter::new();
    let counted = [(); 3].map(|()| add_one(&file.0).unwrap());
    assert_eq!(counted, [1, 2, 3], "what one process counts");
}

/// Three processes add 2000 each, five times: on a busy machine they may take turns by chance.
pub fn three_processes() {
    let mut all = 0;
    for _ in 0..5 {
        let file = Counter::new();
        let children = begin([(); 3].map(|()| file.counts(2000)));
        let said = children.map(ended).concat();
        let added = said.matches('+').count() as u64;
        let counted = add_one(&file.0).unwrap() - 1;
        assert!(
            counted == added,
            "{added} were added, and the file says {counted}"
        );
        all += added;
    }
    println!("{all} of 30000 were added");
}

/// Two processes that add without end are killed, twenty times.
pub fn killed() {
    let file = Counter::new();
    let mut added = 0;
    for round in 1..=20 {
        let children = begin([(); 2].map(|()| file.counts(u32::MAX)));
        thread::sleep(Duration::from_micros(2_000 + 397 * round));
        for mut child in children {
            child.kill().unwrap();
            added += ended(child).matches('+').count() as u64;
        }
    }
    // One that was added may not have been said.
    let [mut last] = begin([file.counts(1)]);
    let start = Instant::now();
    while last.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(5) {
            last.kill().unwrap();
            last.wait().unwrap();
            panic!("a process was killed, and now no other one can add");
        }
        thread::sleep(Duration::from_millis(1));
    }
    let counted = add_one(&file.0).unwrap() - 2;
    let range = added..=added + 40;
    assert!(
        range.contains(&counted),
        "a kill costs more than the one step that it hits"
    );
    println!("40 processes were killed");
}

/// A file, beside this program, which is removed in the end.
struct Counter(PathBuf);

impl Counter {
    fn new() -> Self {
        let name = format!("counter-{}", std::process::id());
        let path = env::current_exe().unwrap().with_file_name(name);
        create(&path).unwrap();
        Self(path)
    }

    /// A process that adds to it, when its input ends.
    fn counts(&self, times: u32) -> Child {
        let mut command = Command::new(env::current_exe().unwrap());
        command.arg("one_process").env("COUNT_IN", &self.0);
        command
            .env("TIMES", times.to_string())
            .stdout(Stdio::piped());
        command.stdin(Stdio::piped());
        command.spawn().unwrap()
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Ends their inputs.
fn begin<const N: usize>(mut children: [Child; N]) -> [Child; N] {
    children.each_mut().map(|child| child.stdin.take());
    children
}

/// What it has said by its end.
fn ended(mut child: Child) -> String {
    let mut said = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    child.wait().unwrap();
    said
}
