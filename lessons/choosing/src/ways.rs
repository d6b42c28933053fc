// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2024; tokio 1 (rt).
//! The same jobs in four ways: one by one, each on a thread, each in a process, each in an
//! async task. Each way takes a list of jobs and returns their answers in the same order.
//! Unix and Windows.

use std::io::{self, BufRead, BufReader, PipeReader, PipeWriter, Write};
use std::panic;
use std::process::{Child, Command, Stdio};
use std::thread;

use tokio::runtime::Builder;

/// One after another, on the thread of the caller.
pub fn one_by_one<T>(jobs: impl IntoIterator<Item = impl FnOnce() -> T>) -> Vec<T> {
    jobs.into_iter().map(|job| job()).collect()
}

/// All at once, each on a thread of its own. The threads share the memory of this process,
/// so jobs may borrow from the caller. For computing, one job for each core is enough.
///
/// # Errors
///
/// If the system cannot start another thread. The jobs that were started are still done.
///
/// # Panics
///
/// If a job panics, after all jobs have ended.
pub fn on_threads<T: Send>(
    jobs: impl IntoIterator<Item = impl FnOnce() -> T + Send>,
) -> io::Result<Vec<T>> {
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for job in jobs {
            threads.push(thread::Builder::new().spawn_scoped(scope, job)?);
        }
        let mut answers = Vec::new();
        for thread in threads {
            match thread.join() {
                Ok(answer) => answers.push(answer),
                Err(payload) => panic::resume_unwind(payload),
            }
        }
        Ok(answers)
    })
}

/// All at once, each in a process of its own, which shares no memory. A job is a program to
/// start, and its answer is what the program prints until it ends. Its standard input is
/// empty. Programs that it leaves running are neither waited for nor killed. There is no time
/// limit: if a program does not end, neither does this function.
///
/// # Errors
///
/// If a program cannot be started, fails, or prints something that is not UTF-8. Also if its
/// exit status is lost, because this process ignores the signal `SIGCHLD`. After an error the
/// other programs are killed. In any case all are waited for.
pub fn in_processes(jobs: impl IntoIterator<Item = Command>) -> io::Result<Vec<String>> {
    let start = jobs.into_iter().map(Process::start);
    let processes: Vec<_> = start.collect::<io::Result<_>>()?;
    processes.into_iter().map(Process::answer).collect()
}

/// All at once, each in a task, and all tasks on the thread of the caller. This is for jobs
/// that wait: a job that computes delays all others.
///
/// # Errors
///
/// If the event loop cannot be set up.
///
/// # Panics
///
/// If a job panics. Also if it is called in async code: spawn and await the tasks there.
pub fn in_tasks<T: Send + 'static>(
    jobs: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> io::Result<Vec<T>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let tasks: Vec<_> = jobs.into_iter().map(tokio::spawn).collect();
        let mut answers = Vec::new();
        for task in tasks {
            match task.await {
                Ok(answer) => answers.push(answer),
                Err(error) => panic::resume_unwind(error.into_panic()),
            }
        }
        Ok(answers)
    })
}

/// A process, and both ends of the pipe that it prints into.
struct Process {
    child: Reaped,
    output: PipeReader,
    end: PipeWriter,
}

/// Marks the end of the output of a process that has ended. UTF-8 never contains it.
const END: &[u8] = b"\xff the process has ended \xff";

impl Process {
    fn start(mut job: Command) -> io::Result<Self> {
        let (output, end) = io::pipe()?;
        let child = job.stdin(Stdio::null()).stdout(end.try_clone()?).spawn();
        let child = Reaped(child.map_err(named(format!("cannot start {:?}", job.get_program())))?);
        Ok(Self { child, output, end })
    }

    /// The end of the pipe is no sign that the process has ended: other programs that the
    /// process has started may still hold the pipe open.
    fn answer(mut self) -> io::Result<String> {
        let mut answer = Vec::new();
        let status = thread::scope(|scope| {
            let wait = || {
                let status = self.child.0.wait();
                self.end.write_all(END)?;
                status.map_err(named("no exit status (is SIGCHLD ignored?)".into()))
            };
            let waiting = thread::Builder::new().spawn_scoped(scope, wait)?;
            let mut output = BufReader::new(self.output);
            while output.read_until(END[0], &mut answer)? > 0 && !answer.ends_with(END) {}
            waiting
                .join()
                .unwrap_or_else(|payload| panic::resume_unwind(payload))
        })?;
        if !status.success() {
            return Err(io::Error::other(format!("a process failed: {status}")));
        }
        answer.truncate(answer.len() - END.len());
        String::from_utf8(answer).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

/// Puts what went wrong in front of the system's message.
fn named(what: String) -> impl FnOnce(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{what}: {error}"))
}

/// A process that is waited for in any case.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        // Only if it still runs: otherwise another process may have its id by now.
        if let Ok(None) = self.0.try_wait() {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}
