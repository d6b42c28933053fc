//! What the threads and the worker processes run. Nothing here depends on the caller.

use std::sync::Mutex;
use std::time::Duration;
use std::{io, mem, process, thread};

use nix::sys::signal::{self, Signal};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

/// Shared by all threads of a process. Each worker process has its own.
static LIST: Mutex<Vec<usize>> = Mutex::new(Vec::new());

const TASKS: usize = 25;

pub fn wait() -> Duration {
    timing::seconds(0.5)
}

/// An ordinary function: it blocks the thread that calls it.
pub fn job(number: usize) -> String {
    thread::sleep(wait());
    let mut list = LIST.lock().expect("no job panics");
    list.push(number);
    let item = list.len();
    format!("job {number}: {}, item {item} of its list", place())
}

/// Which process and which thread runs this.
pub fn place() -> String {
    let thread = thread::current();
    let name = thread.name().unwrap_or("without a name");
    format!("process {}, thread {name}", process::id())
}

/// The list of this process, which is empty afterwards.
pub fn take_list() -> Vec<usize> {
    mem::take(&mut *LIST.lock().expect("no job panics"))
}

/// What a worker process does with an order, such as `job 3`.
pub fn work(order: &str) -> Result<String, String> {
    match order.split_once(' ') {
        Some(("job", number)) => {
            let number = number.parse().map_err(|_| format!("no job: {order}"))?;
            Ok(job(number))
        }
        Some(("killed", _)) => killed().map_err(|error| error.to_string()),
        _ => tasks().map_err(|error| error.to_string()),
    }
}

/// Ends in the middle, as a process does that the system kills when memory runs out.
fn killed() -> io::Result<String> {
    thread::sleep(wait() / 2);
    signal::raise(Signal::SIGKILL)?;
    unreachable!("no process survives SIGKILL")
}

/// An event loop of its own, on the thread of the worker that called this.
fn tasks() -> io::Result<String> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let done = runtime.block_on(async {
        let waits = (0..TASKS).map(|_| tokio::time::sleep(wait()));
        waits.collect::<JoinSet<_>>().join_all().await
    });
    Ok(done.len().to_string())
}
