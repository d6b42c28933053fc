// SPDX-License-Identifier: MIT OR Apache-2.0
//! The same jobs in four ways: one by one, each on a thread, each in a process, each in an
//! async task. Every way takes a list of jobs and returns their answers in the same order.
//! Unix and Windows. Needs the crate `tokio` with `rt` for the last way.

use std::io::{self, Read};
use std::panic;
use std::process::{Child, Command, Stdio};
use std::thread;

use tokio::runtime::Builder;

/// One after another, on the thread of the caller.
pub fn one_by_one<T>(jobs: impl IntoIterator<Item = impl FnOnce() -> T>) -> Vec<T> {
    jobs.into_iter().map(|job| job()).collect()
}

/// All at once, each on a thread of its own. They share the memory of this process, so
/// jobs may borrow from the caller. For computing, one job for each core is enough.
///
/// # Errors
///
/// If the system gives no more threads: the jobs that have been started are still done.
///
/// # Panics
///
/// If a job panics, once all are over.
pub fn on_threads<T: Send>(
    jobs: impl IntoIterator<Item = impl FnOnce() -> T + Send>,
) -> io::Result<Vec<T>> {
    thread::scope(|scope| {
        let start = |job| thread::Builder::new().spawn_scoped(scope, job);
        let threads: Vec<_> = jobs.into_iter().map(start).collect::<io::Result<_>>()?;
        let join = |thread: thread::ScopedJoinHandle<T>| thread.join();
        let answers: Result<_, _> = threads.into_iter().map(join).collect();
        answers.or_else(|payload| panic::resume_unwind(payload))
    })
}

/// All at once, each in a process of its own, which shares nothing: a job is a program to
/// start, its answer what that prints. It has no standard input.
///
/// # Errors
///
/// If a program cannot be started, fails, or prints what is not text. The others are
/// killed then, and in any case all are waited for.
pub fn in_processes(jobs: impl IntoIterator<Item = Command>) -> io::Result<Vec<String>> {
    let start = |mut job: Command| {
        let job = job.stdin(Stdio::null()).stdout(Stdio::piped());
        job.spawn().map(Process)
    };
    let processes: Vec<_> = jobs.into_iter().map(start).collect::<io::Result<_>>()?;
    processes.into_iter().map(Process::answer).collect()
}

/// All at once, each in a task, all tasks on the thread of the caller: good for jobs that
/// wait, and a job that does not wait holds up all the others.
///
/// # Errors
///
/// If the event loop cannot be set up.
///
/// # Panics
///
/// If a job panics, and inside of async code: there, spawn the tasks and await them.
pub fn in_tasks<T: Send + 'static>(
    jobs: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> io::Result<Vec<T>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let tasks: Vec<_> = jobs.into_iter().map(tokio::spawn).collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(
                task.await
                    .unwrap_or_else(|error| panic::resume_unwind(error.into_panic())),
            );
        }
        Ok(answers)
    })
}

/// A process that is waited for, whatever happens.
struct Process(Child);

impl Process {
    fn answer(mut self) -> io::Result<String> {
        let mut answer = String::new();
        if let Some(mut output) = self.0.stdout.take() {
            output.read_to_string(&mut answer)?;
        }
        let status = self.0.wait()?;
        if !status.success() {
            return Err(io::Error::other(format!("a process failed: {status}")));
        }
        Ok(answer)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Neither does anything to a process that has been waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
