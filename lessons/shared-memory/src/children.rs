// SPDX-License-Identifier: MIT OR Apache-2.0
// Needs: edition 2021; nix 0.31 (process, signal).
//! Child processes by `fork` that share the parent's `Shared` memory. None of them outlives
//! its parent, and none is left as a zombie.

use std::panic;
use std::{fs, io};

use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl;
use nix::sys::signal::{self, Signal};
use nix::sys::wait::{self, WaitStatus};
use nix::unistd::{self, ForkResult, Pid};

/// The children of this process. Those that are still there are killed and waited for
/// when this is dropped. There is to be only one of these at a time.
#[derive(Default)]
pub struct Children {
    running: Vec<(String, Pid)>,
}

impl Children {
    /// Forks a child that does `job`, prints nothing, and leaves, with exit status 101 if
    /// it panicked. It has a copy of every variable, but of shared memory the original.
    ///
    /// The job must be `Send` as if it went to a thread. That keeps the guard of a lock
    /// out of it, which would be there twice.
    pub fn start(&mut self, name: impl Into<String>, job: impl FnOnce() + Send) -> io::Result<()> {
        let threads = fs::read_dir("/proc/self/task").map_err(with_advice)?;
        if threads.count() > 1 {
            return Err(io::Error::other(
                "cannot fork: there is more than one thread",
            ));
        }
        let parent = unistd::getpid();
        // SAFETY: no other thread holds a lock that would stay locked in the child.
        match unsafe { unistd::fork() }.map_err(|error| with_advice(error.into()))? {
            ForkResult::Parent { child } => self.running.push((name.into(), child)),
            ForkResult::Child => {
                // No child outlives its parent; one that is gone already sends no signal.
                if prctl::set_pdeathsig(Signal::SIGKILL).is_err() || unistd::getppid() != parent {
                    leave(1);
                }
                panic::set_hook(Box::new(|_| leave(101)));
                job();
                leave(0);
            }
        }
        Ok(())
    }

    /// Waits until no more than so many of them are left. As soon as one ends in any other
    /// way than with exit status 0, that is the error.
    pub fn wait_until_left(&mut self, left: usize) -> io::Result<()> {
        while self.running.len() > left {
            // For whichever ends first: the others may be waiting for one that is dead.
            let status = waitpid(None)?;
            let is_it = |child: &(String, Pid)| Some(child.1) == status.pid();
            let Some(place) = self.running.iter().position(is_it) else {
                continue;
            };
            let (name, _) = self.running.swap_remove(place);
            let how = match status {
                WaitStatus::Exited(_, 0) => continue,
                WaitStatus::Exited(_, status) => format!("left with exit status {status}"),
                WaitStatus::Signaled(_, signal, _) => format!("was killed by {signal}"),
                other => format!("ended: {other:?}"),
            };
            return Err(io::Error::other(format!("{name} {how}")));
        }
        Ok(())
    }

    /// Does what `kill -9` does to the child of that name, and waits until it is gone.
    pub fn kill(&mut self, name: &str) {
        let named = |child: &mut (String, Pid)| child.0 == name;
        self.running.extract_if(.., named).for_each(kill);
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.running.drain(..).for_each(kill);
    }
}

fn kill((_, id): (String, Pid)) {
    // Nobody has waited for it yet, so the id is still its own.
    let _ = signal::kill(id, Signal::SIGKILL);
    let _ = waitpid(Some(id));
}

/// Does `job`, with its number from 0 on, in so many children, and waits for them all.
pub fn together(count: usize, job: impl Fn(usize) + Sync) -> io::Result<()> {
    let mut children = Children::default();
    for number in 0..count {
        let job = &job;
        children.start(format!("child {}", number + 1), move || job(number))?;
    }
    children.wait_until_left(0)
}

/// Adds to an error what to do about it, if that is known.
pub fn with_advice(error: io::Error) -> io::Error {
    let advice = match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EAGAIN) => "too many processes, raise `ulimit -u`",
        Some(Errno::EMFILE) => "too many descriptors, raise `ulimit -n`",
        _ => return error,
    };
    io::Error::new(error.kind(), format!("{advice} ({error})"))
}

fn waitpid(id: Option<Pid>) -> nix::Result<WaitStatus> {
    loop {
        match wait::waitpid(id, None) {
            Err(Errno::EINTR) => {}
            status => return status,
        }
    }
}

/// Without what a program does at its end: that is the parent's to do.
fn leave(status: i32) -> ! {
    // SAFETY: `_exit` takes any status, and nothing of ours runs after it.
    unsafe { libc::_exit(status) }
}
