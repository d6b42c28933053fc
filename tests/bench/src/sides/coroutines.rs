//! Many tasks and many threads that wait, and what it costs to switch between two of them.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use std::{fs, mem, ptr, thread};

use nix::libc::{c_void, pthread_create, pthread_join};

use super::{Outcome, Side, seconds};

const TASKS: u64 = 100_000;
const THREADS: u64 = 10_000;
const WAIT: Duration = Duration::from_secs(1);
const TASK_SWITCHES: u32 = 2_000_000;
const THREAD_SWITCHES: u32 = 200_000;

pub const SIDES: &[Side] = &[
    ("tasks", || tasks(TASKS)),
    ("threads", || threads(THREADS)),
    ("threads-bare", bare_threads),
    ("task-switch", task_switch),
    ("task-switch-bare", bare_task_switch),
    ("thread-switch", thread_switch),
    ("thread-switch-bare", bare_thread_switch),
];

/// On the runtime of the lesson: one thread.
pub fn tasks(number: u64) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let (before, start) = (memory()?, Instant::now());
    let meanwhile = runtime.block_on(async {
        let sleep = || tokio::spawn(tokio::time::sleep(WAIT));
        let tasks: Vec<_> = (0..number).map(|_| sleep()).collect();
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
        ("bytes", (meanwhile - before) / number as f64),
        ("s", beyond / 1e3),
    ])
}

pub fn threads(number: u64) -> Outcome {
    let start = Instant::now();
    let sleeper = || thread::Builder::new().spawn(|| thread::sleep(WAIT));
    let threads: Vec<_> = (0..number).map(|_| sleeper()).collect::<Result<_, _>>()?;
    for thread in threads {
        thread.join().expect("it only sleeps");
    }
    let took = start.elapsed();
    let beyond = took.saturating_sub(WAIT);
    Ok(vec![
        ("s", took.as_secs_f64()),
        ("beyond", beyond.as_secs_f64()),
    ])
}

/// The system's threads, with nothing that the standard library adds to them.
fn bare_threads() -> Outcome {
    extern "C" fn sleep(_: *mut c_void) -> *mut c_void {
        thread::sleep(WAIT);
        ptr::null_mut()
    }
    let start = Instant::now();
    let mut threads = [0; THREADS as usize];
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

fn nanos(took: f64, switches: u32) -> Outcome {
    Ok(vec![("ns", took * 1e9 / f64::from(switches))])
}

/// Two tasks that give way to each other, on the runtime of the lesson.
fn task_switch() -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let took = seconds(|| {
        runtime.block_on(async {
            let tasks = [(); 2].map(|()| {
                tokio::spawn(async {
                    for _ in 0..TASK_SWITCHES / 2 {
                        tokio::task::yield_now().await;
                    }
                })
            });
            for task in tasks {
                task.await.expect("it only gives way");
            }
        })
    });
    nanos(took, TASK_SWITCHES)
}

/// The same without a runtime: the two are polled in turn.
fn bare_task_switch() -> Outcome {
    let mut context = Context::from_waker(Waker::noop());
    let mut tasks = [(); 2].map(|()| {
        Box::pin(async {
            for _ in 0..TASK_SWITCHES / 2 {
                let mut given = false;
                let give_way = |_: &mut Context| match mem::replace(&mut given, true) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                };
                poll_fn(give_way).await;
            }
        }) as std::pin::Pin<Box<dyn Future<Output = ()>>>
    });
    let took = seconds(|| {
        for _ in 0..TASK_SWITCHES / 2 {
            for task in &mut tasks {
                assert!(task.as_mut().poll(&mut context).is_pending());
            }
        }
    });
    nanos(took, TASK_SWITCHES)
}

/// Two threads that hand a turn over to each other, on one core: each sleeps until then.
fn thread_switch() -> Outcome {
    hand_over(thread::park, thread::Thread::unpark)
}

/// The same with nothing but the system's own call for giving way.
fn bare_thread_switch() -> Outcome {
    hand_over(thread::yield_now, |_| ())
}

fn hand_over(wait: fn(), wake: fn(&thread::Thread)) -> Outcome {
    let turn = AtomicU32::new(0);
    let take_turns = |mine: u32, other: &thread::Thread| {
        for _ in 0..THREAD_SWITCHES / 2 {
            while turn.load(SeqCst) != mine {
                wait();
            }
            turn.store(1 - mine, SeqCst);
            wake(other);
        }
    };
    let main = thread::current();
    let took = seconds(|| {
        thread::scope(|scope| {
            let other = scope.spawn(|| take_turns(1, &main));
            take_turns(0, other.thread());
        })
    });
    nanos(took, THREAD_SWITCHES)
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
