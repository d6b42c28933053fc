//! Many tasks and many threads that wait.

use std::time::{Duration, Instant};
use std::{fs, ptr, thread};

use nix::libc::{c_void, pthread_create, pthread_join};

use super::{Outcome, Side};

const TASKS: usize = 100_000;
const THREADS: usize = 10_000;
const WAIT: Duration = Duration::from_secs(1);

pub const SIDES: &[Side] = &[
    ("tasks", tasks),
    ("threads", threads),
    ("threads-bare", bare_threads),
];

/// On the runtime of the lesson: one thread.
fn tasks() -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let (before, start) = (memory()?, Instant::now());
    let meanwhile = runtime.block_on(async {
        let sleep = || tokio::spawn(tokio::time::sleep(WAIT));
        let tasks: Vec<_> = (0..TASKS).map(|_| sleep()).collect();
        // Tasks begin in the order of their spawning: when this one does, all others wait.
        let meanwhile = tokio::spawn(async { memory() }).await;
        for task in tasks {
            task.await.expect("it only sleeps");
        }
        meanwhile
    })??;
    let beyond = (start.elapsed() - WAIT).as_secs_f64() * 1e3;
    Ok(vec![
        ("ms", beyond),
        ("bytes", (meanwhile - before) / TASKS as f64),
    ])
}

fn threads() -> Outcome {
    let start = Instant::now();
    let sleeper = || thread::Builder::new().spawn(|| thread::sleep(WAIT));
    let threads: Vec<_> = (0..THREADS).map(|_| sleeper()).collect::<Result<_, _>>()?;
    for thread in threads {
        thread.join().expect("it only sleeps");
    }
    Ok(vec![("s", start.elapsed().as_secs_f64())])
}

/// The system's threads, with nothing that the standard library adds to them.
fn bare_threads() -> Outcome {
    extern "C" fn sleep(_: *mut c_void) -> *mut c_void {
        thread::sleep(WAIT);
        ptr::null_mut()
    }
    let start = Instant::now();
    let mut threads = [0; THREADS];
    for thread in &mut threads {
        // SAFETY: `thread` is valid, no attributes are the usual ones, and `sleep` uses nothing.
        let error = unsafe { pthread_create(thread, ptr::null(), sleep, ptr::null_mut()) };
        assert_eq!(error, 0, "cannot start a thread");
    }
    for thread in threads {
        // SAFETY: it has been started, and this is the only join.
        let error = unsafe { pthread_join(thread, ptr::null_mut()) };
        assert_eq!(error, 0, "it only sleeps");
    }
    Ok(vec![("s", start.elapsed().as_secs_f64())])
}

/// The memory of this process that is in use now, in bytes.
fn memory() -> std::io::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let kibibytes = status.lines().find_map(|line| {
        let line = line.strip_prefix("VmRSS:")?;
        line.trim().strip_suffix(" kB")?.parse::<f64>().ok()
    });
    Ok(kibibytes.unwrap_or(f64::NAN) * 1024.0)
}
