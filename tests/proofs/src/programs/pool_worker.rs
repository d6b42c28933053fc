//! A model of the lesson pool's `worker.rs`: its processes are threads of the search, which
//! can be killed at any moment. It keeps what `worker.rs` promises, and no more.

use std::thread;

use interleave::{Chosen, Flag, Id, Ready, catch, me, step};
use real_std::cell::{Cell, RefCell};
use real_std::io;
use real_std::os::unix::process::ExitStatusExt;
use real_std::process::ExitStatus;
use real_std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use real_std::sync::{Arc, Mutex};
use real_std::time::Duration;

thread_local! {
    /// All that were started in this execution.
    static PROCESSES: RefCell<Vec<Arc<Shared>>> = const { RefCell::new(Vec::new()) };
    /// What `main` does in a worker.
    static MAIN: Cell<fn()> = const { Cell::new(|| ()) };
    /// What starting one touches.
    static STARTED: Cell<Option<Id>> = const { Cell::new(None) };
}

/// A process, and the socket between it and the pool.
#[derive(Debug)]
struct Shared {
    id: Id,
    number: u32,
    function: String,
    /// The thread of the search that it is.
    thread: AtomicUsize,
    /// It has ended, by itself or by a signal.
    dead: Flag,
    reaped: Flag,
    jobs: Mutex<Option<Vec<u8>>>,
    answers: Mutex<Option<Vec<u8>>>,
    /// The process has something to read, or has ended.
    to_do: Flag,
    /// The pool has something to read, or will never have.
    to_read: Flag,
}

impl Shared {
    fn kill(&self) {
        self.dead.set(true);
        self.to_do.set(true);
        self.to_read.set(true);
    }
}

/// Before the pool: no process yet, and each that is started calls `main`.
pub fn begin(main: fn()) {
    PROCESSES.take();
    MAIN.set(main);
    STARTED.set(Some(Id::new()));
}

/// Kills the process that was started last, as another program's `kill -9` does.
pub fn kill_the_last() {
    step(|| "kill -9".into(), Ready::Always, &[Id::ALL]);
    let last = PROCESSES.with_borrow(|all| all.last().cloned());
    if let Some(process) = last {
        process.kill();
    }
}

/// The same with the process that was started first.
pub fn kill_the_first() {
    let first = PROCESSES.with_borrow(|all| all.first().cloned());
    if let Some(process) = first {
        step(|| "kill -9".into(), Ready::Always, &[process.id]);
        process.kill();
    }
}

/// After the pool: how many processes are not reaped.
pub fn left() -> usize {
    PROCESSES.with_borrow(|all| all.iter().filter(|process| !process.reaped.is_up()).count())
}

/// In a job without end: waits until the process is killed.
pub fn without_end() {
    let process = mine().expect("a job is done by a worker");
    let killed = Ready::When(process.dead.clone());
    step(|| "work without end".into(), killed, &[process.id]);
}

fn mine() -> Option<Arc<Shared>> {
    let me = |process: &&Arc<Shared>| process.thread.load(SeqCst) == me();
    PROCESSES.with_borrow(|all| all.iter().find(me).cloned())
}

/// See `worker.rs`.
#[derive(Debug)]
pub struct Worker(Arc<Shared>, Cell<bool>);

impl Worker {
    /// See `worker.rs`. It may fail as often as the bounds of the search allow.
    pub fn start(function: &str) -> io::Result<(Self, Process)> {
        let ready = Ready::AlwaysOr(Chosen::Failed);
        // The number of the process depends on who was first.
        let id = STARTED.get().expect("`begin` comes before");
        if step(|| "start a worker".into(), ready, &[id]) == Chosen::Failed {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let number = PROCESSES.with_borrow(|all| all.len() as u32 + 1);
        let shared = Arc::new(Shared {
            id: Id::new(),
            number,
            function: function.into(),
            thread: AtomicUsize::new(usize::MAX),
            dead: Flag::default(),
            reaped: Flag::default(),
            jobs: Mutex::default(),
            answers: Mutex::default(),
            to_do: Flag::default(),
            to_read: Flag::default(),
        });
        PROCESSES.with_borrow_mut(|all| all.push(Arc::clone(&shared)));
        let process = Arc::clone(&shared);
        let main = MAIN.get();
        thread::spawn(move || {
            process.thread.store(me(), SeqCst);
            // A panic is the end of the process, as are its end and a kill.
            let _ = catch(main);
            if !process.dead.is_up() {
                step(|| "exit".into(), Ready::Always, &[process.id]);
                process.kill();
            }
        });
        Ok((Self(Arc::clone(&shared), Cell::new(false)), Process(shared)))
    }

    /// See `worker.rs`. There is always room for a chunk.
    pub fn send(&mut self, jobs: &[u8], limit: Option<Duration>) -> io::Result<()> {
        step(|| "send jobs".into(), Ready::Always, &[self.0.id]);
        self.1.set(self.1.get() || limit.is_some());
        if self.0.dead.is_up() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        *self.0.jobs.lock().unwrap() = Some(jobs.to_vec());
        self.0.to_do.set(true);
        Ok(())
    }

    /// See `worker.rs`.
    pub fn receive(&mut self) -> io::Result<Vec<u8>> {
        let to_read = self.0.to_read.clone();
        let ready = match self.1.get() {
            true => Ready::WhenOr(to_read, &[Chosen::TimedOut]),
            false => Ready::When(to_read),
        };
        if step(|| "receive answers".into(), ready, &[self.0.id]) == Chosen::TimedOut {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        // What it has written before its end can still be read.
        let answers = self.0.answers.lock().unwrap().take();
        self.0.to_read.set(self.0.dead.is_up());
        answers.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

impl Drop for Worker {
    /// The worker finds its socket closed, and leaves.
    fn drop(&mut self) {
        step(|| "close the socket".into(), Ready::Always, &[self.0.id]);
        self.0.kill();
    }
}

/// See `worker.rs`.
#[derive(Debug)]
pub struct Process(Arc<Shared>);

impl Process {
    /// See `worker.rs`.
    pub fn end(&mut self) -> (u32, Option<ExitStatus>) {
        step(|| "kill and reap".into(), Ready::Always, &[self.0.id]);
        self.0.kill();
        self.0.reaped.set(true);
        (self.0.number, Some(ExitStatus::from_raw(9)))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// See `worker.rs`: in a worker of this function, does jobs until it is killed; elsewhere
/// returns at once.
pub fn serve(function: &str, answer: impl Fn(Vec<u8>) -> Vec<u8>) {
    let Some(process) = mine() else { return };
    if process.function != function {
        return;
    }
    loop {
        step(
            || "receive jobs".into(),
            Ready::When(process.to_do.clone()),
            &[process.id],
        );
        if process.dead.is_up() {
            return;
        }
        process.to_do.set(false);
        let jobs = process
            .jobs
            .lock()
            .unwrap()
            .take()
            .expect("it was told that there are jobs");
        let answers = answer(jobs);
        step(|| "send answers".into(), Ready::Always, &[process.id]);
        if process.dead.is_up() {
            return;
        }
        *process.answers.lock().unwrap() = Some(answers);
        process.to_read.set(true);
    }
}

/// See `worker.rs`. The words are only the message.
pub fn run<T>(job: impl FnOnce() -> T) -> Result<T, String> {
    catch(job).map_err(|payload| {
        payload
            .downcast_ref::<&str>()
            .copied()
            .unwrap_or("")
            .to_owned()
    })
}

/// See `worker.rs`. There are no signals here.
pub fn leave_signals_to_others() {}

/// See `worker.rs`.
pub fn not_started(error: io::Error) -> io::Error {
    error
}
