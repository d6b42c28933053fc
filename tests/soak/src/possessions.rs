//! What a process has that it could leave behind.

use std::time::{Duration, Instant};
use std::{fs, io, process, thread};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::tally::{Count, Tally};

/// Children that run, children that nobody has waited for, and open descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Possessions([u64; 3]);

impl Possessions {
    /// Those of this process.
    pub fn now() -> io::Result<Self> {
        let (zombies, running): (Vec<_>, _) = children()?.into_iter().partition(|child| child.1);
        let descriptors = fs::read_dir("/proc/self/fd")?.count();
        Ok(Self(
            [running.len(), zombies.len(), descriptors].map(|count| count as u64),
        ))
    }

    /// Counts what there is more than before, as soon as it is nothing or `grace` is over.
    pub fn count_left(before: Self, grace: Duration, tally: &mut Tally) -> io::Result<()> {
        let end = Instant::now() + grace;
        let left = loop {
            let now = Self::now()?.0.into_iter().zip(before.0);
            let left: Vec<u64> = now
                .map(|(now, before)| now.saturating_sub(before))
                .collect();
            if left.iter().all(|&count| count == 0) || Instant::now() > end {
                break left;
            }
            thread::sleep(Duration::from_millis(1));
        };
        for (count, left) in [Count::Processes, Count::Zombies, Count::Descriptors]
            .into_iter()
            .zip(left)
        {
            tally[count] += left;
        }
        Ok(())
    }
}

/// As init does: waits for those whose parents have died, who are children of this process
/// then. Counts and kills those who do not leave.
pub fn adopt(grace: Duration, tally: &mut Tally) -> io::Result<()> {
    let end = Instant::now() + grace;
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Err(Errno::ECHILD) => return Ok(()),
            Ok(WaitStatus::StillAlive) => thread::sleep(Duration::from_millis(1)),
            Ok(_) => continue,
            Err(error) => return Err(error.into()),
        }
        if Instant::now() > end {
            for (child, _) in children()?.into_iter().filter(|child| !child.1) {
                tally[Count::Processes] += 1;
                let _ = kill(child, Signal::SIGKILL);
                let _ = waitpid(child, None);
            }
        }
    }
}

/// The children of this process, and whether they are zombies.
fn children() -> io::Result<Vec<(Pid, bool)>> {
    let ours = process::id().to_string();
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // One that cannot be read has just been waited for.
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // After the name, which may contain anything: the state and the parent.
        let mut words = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace();
        let (state, parent) = (words.next(), words.next());
        if parent == Some(&ours) {
            children.push((Pid::from_raw(id), state == Some("Z")));
        }
    }
    Ok(children)
}
