// SPDX-License-Identifier: MIT OR Apache-2.0
//! How long many waits take together, and how much memory each of them takes.

use std::fs;
use std::thread;
use std::time::Instant;

use timing::{pretty, say};
use tokio::task::JoinError;
use tokio::time::sleep;

const THREADS: usize = 1_000;
const TASKS: usize = 100_000;

/// A thread has a stack, and its place in the scheduler of the operating system.
pub fn threads() {
    let wait = timing::seconds(1.0);
    let (before, start) = (memory(), Instant::now());
    let sleeper = || thread::Builder::new().spawn(move || thread::sleep(wait));
    let threads: Vec<_> = (0..THREADS).map_while(|_| sleeper().ok()).collect();
    let (count, meanwhile) = (threads.len(), memory());
    for thread in threads {
        thread.join().expect("it only sleeps");
    }
    report(count, "threads", start, before, meanwhile);
    if count < THREADS {
        say!("the system refuses more threads (see `ulimit -u` and `ulimit -v`)");
    }
}

/// A task is a small object on the heap.
pub async fn tasks() -> Result<(), JoinError> {
    let wait = timing::seconds(1.0);
    let (before, start) = (memory(), Instant::now());
    let tasks: Vec<_> = (0..TASKS).map(|_| tokio::spawn(sleep(wait))).collect();
    // Tasks begin in the order in which they were spawned: when this one begins, all others wait.
    let meanwhile = tokio::spawn(async { memory() }).await?;
    for task in tasks {
        task.await?;
    }
    report(TASKS, "tasks", start, before, meanwhile);
    Ok(())
}

fn report(count: usize, what: &str, start: Instant, before: Option<u64>, meanwhile: Option<u64>) {
    let time = pretty(start.elapsed());
    let bytes = match (before, meanwhile) {
        (Some(before), Some(meanwhile)) if count > 0 => {
            let each = meanwhile.saturating_sub(before) / count as u64;
            format!("{each} bytes each")
        }
        _ => "memory not measured".into(),
    };
    say!("{count:>6} {what:<7} {time:>9}   {bytes}");
}

/// The memory of this process that is in use now, in bytes; known on Linux only. It does not
/// include what the system itself keeps for each thread.
fn memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}
