//! The judge of processes-1.

mod yours;

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

/// A program that is done in time.
pub fn quick() {
    let start = Instant::now();
    let mut shell = Command::new("sh");
    let code = yours::run(shell.args(["-c", "sleep 0.2; exit 7"]), Duration::from_secs(5)).unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "too slow: the program ends after 0.2 s, and `run` goes on to its limit of 5 s"
    );
    println!("quick: {code:?}");
    assert_eq!(children(), 0, "a process is left behind");
}

/// A program that never is.
pub fn slow() {
    let start = Instant::now();
    let mut sleep = Command::new("sleep");
    let code = yours::run(sleep.arg("3"), Duration::from_millis(50)).unwrap();
    assert_eq!(
        code, None,
        "the program was not ended: it had 50 ms, and took 3 s"
    );
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "the limit of 50 ms was not kept"
    );
    assert_eq!(children(), 0, "a process or a zombie is left behind");
}

/// The children of this process, zombies too.
fn children() -> usize {
    let me = std::process::id();
    let children = fs::read_to_string(format!("/proc/{me}/task/{me}/children"));
    children.unwrap().split_whitespace().count()
}
