//! What a process has that it could leave behind.

use std::time::{Duration, Instant};
use std::{fs, io, process, thread};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::tally::{Count, Tally};

/// How many running children, zombies and open descriptors this process has.
pub fn possessions() -> io::Result<[usize; 3]> {
    let (zombies, running): (Vec<_>, Vec<_>) = children()?.into_iter().partition(|child| child.1);
    let descriptors = fs::read_dir("/proc/self/fd")?.count();
    Ok([running.len(), zombies.len(), descriptors])
}

/// Counts what there is more than before: at once if that is nothing, else when `grace`, the
/// time for things to be gone that are no longer needed, is over.
pub fn count_left(before: [usize; 3], grace: Duration, tally: &mut Tally) -> io::Result<()> {
    let end = Instant::now() + grace;
    loop {
        let now = possessions()?;
        let left = [0, 1, 2].map(|kind| now[kind].saturating_sub(before[kind]) as u64);
        if left == [0; 3] || Instant::now() > end {
            tally[Count::Processes] += left[0];
            tally[Count::Zombies] += left[1];
            tally[Count::Descriptors] += left[2];
            return Ok(());
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// As init does: waits for those whose parents have died, who are children of this process
/// then. Counts and kills those who have not left when `grace` is over.
pub fn adopt(grace: Duration, tally: &mut Tally) -> io::Result<()> {
    let end = Instant::now() + grace;
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Err(Errno::ECHILD) => return Ok(()),
            Ok(WaitStatus::StillAlive) if Instant::now() > end => {
                for (child, _) in children()?.into_iter().filter(|child| !child.1) {
                    tally[Count::Processes] += 1;
                    kill(child, Signal::SIGKILL)?;
                    waitpid(child, None)?;
                }
            }
            Ok(WaitStatus::StillAlive) => {
                // One that is stopped cannot leave. Where init adopts it, the system sees to that.
                for (child, _) in children()? {
                    kill(child, Signal::SIGCONT)?;
                }
                thread::sleep(Duration::from_millis(1));
            }
            other => drop(other?),
        }
    }
}

/// The children of this process, and whether they are zombies.
fn children() -> io::Result<Vec<(Pid, bool)>> {
    let ours = process::id().to_string();
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Some(Ok(id)) = entry?.file_name().to_str().map(str::parse) else {
            continue; // No process.
        };
        // One that cannot be read has just been waited for.
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // After the name, which may contain anything, come the state and the parent.
        let words = stat.rsplit(") ").next().unwrap_or_default();
        if let [state, parent, ..] = words.split(' ').collect::<Vec<_>>()[..]
            && parent == ours
        {
            children.push((Pid::from_raw(id), state == "Z"));
        }
    }
    Ok(children)
}

#[cfg(test)]
pub mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    /// Called by the one test that has the children of this process for itself.
    pub fn what_is_left_is_counted() {
        let left = |before| {
            let mut tally = Tally::default();
            count_left(before, Duration::from_millis(100), &mut tally).unwrap();
            [Count::Processes, Count::Zombies, Count::Descriptors].map(|count| tally[count])
        };
        let before = possessions().unwrap();
        assert_eq!(left(before), [0, 0, 0]);
        let _file = fs::File::open("/dev/null").unwrap();
        assert_eq!(left(before), [0, 0, 1]);
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        assert_eq!(left(before), [1, 0, 2]);
        drop(child.stdin.take());
        // It leaves at some time, and no process has waited for it.
        while left(before)[0] == 1 {}
        assert_eq!(left(before), [0, 1, 1]);
        child.wait().unwrap();
        assert_eq!(left(before), [0, 0, 1]);
    }
}
