//! Rounds of faults, each in a process of its own that starts with one thread and nothing.

use std::io::{self, Read, Seek};
use std::time::{Duration, Instant};
use std::{fs, thread};

use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use tokio::process::Command;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::faults::KINDS;
use crate::possessions::{adopt, count_left, possessions};
use crate::tally::{Count, Tally, table};

/// A round takes a part of a second. One that is not over by then hangs.
const LIMIT: Duration = Duration::from_secs(20);
/// How long something may take to be gone, once it is no longer needed.
const GRACE: Duration = Duration::from_secs(5);

/// Plays one round in this process, and counts what it leaves there.
///
/// # Panics
///
/// If there is no such kind.
pub fn play(kind: &str, seed: u64) -> io::Result<Tally> {
    // However the program of all rounds ends, this one ends with it.
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    // What tokio gets once and keeps is not left behind.
    drop(Builder::new_current_thread().enable_all().build()?);
    let (_, round) = KINDS.iter().find(|known| known.0 == kind).expect(kind);
    let before = possessions()?;
    let mut tally = Tally::default();
    round(&mut SmallRng::seed_from_u64(seed), &mut tally)?;
    count_left(before, GRACE, &mut tally)?;
    Ok(tally)
}

/// Plays rounds of all kinds in turn until each has had one and the time is over, or one hangs,
/// or the program is stopped by Ctrl-C or SIGTERM. Returns a row for each kind.
///
/// The last kind is one that only the parent of a round can deal: a round of any other kind
/// is killed, and with it the parent of whatever it has started.
pub fn play_all(time: Duration, seed: u64) -> io::Result<Vec<(&'static str, Tally)>> {
    let end = Instant::now() + time;
    // A process that loses its parent becomes our child: none can hide from us.
    prctl::set_child_subreaper(true)?;
    let kinds = KINDS.iter().map(|kind| kind.0).chain(["parents"]);
    let mut rows: Vec<_> = kinds.map(|kind| (kind, Tally::default())).collect();
    let mut dice = SmallRng::seed_from_u64(seed);
    let rounds = async {
        let stop = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM]);
        stop.thread_block()?;
        let (tell, mut stopped) = oneshot::channel();
        thread::spawn(move || stop.wait().map(|signal| tell.send(signal)));
        let mut all_had_one = false;
        for place in (0..rows.len()).cycle() {
            let (kind, kill_after) = match KINDS.get(place) {
                Some((kind, _)) => (kind, None),
                None => (
                    &KINDS[dice.random_range(0..KINDS.len())].0,
                    Some(Duration::from_millis(dice.random_range(0..150))),
                ),
            };
            let seed = dice.random::<u64>().to_string();
            // This very program, even if its file has been built anew since.
            let mut command = Command::new("/proc/self/exe");
            command.args(["round", kind, &seed]);
            let tally = tokio::select! {
                tally = watch(command, LIMIT, kill_after) => tally?,
                _ = &mut stopped => break,
            };
            rows[place].1 += tally;
            if !tally.is_clean() {
                let killed =
                    kill_after.map_or(String::new(), |time| format!(", killed after {time:?}"));
                eprint!(
                    "soak round {kind} {seed}{killed}:\n{}",
                    table(&[(kind, tally)])
                );
            }
            all_had_one |= kill_after.is_some();
            if tally[Count::Hangs] > 0 || all_had_one && Instant::now() >= end {
                break;
            }
        }
        Ok(())
    };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let played: io::Result<()> = runtime.block_on(rounds);
    // Of a round that was stopped.
    adopt(GRACE, &mut Tally::default())?;
    played.map(|()| rows)
}

/// Waits for a round to end, kills it when its time is over, or earlier if it is to be
/// killed, and counts what it says and what it leaves.
async fn watch(
    mut round: Command,
    limit: Duration,
    kill_after: Option<Duration>,
) -> io::Result<Tally> {
    let folder = tempfile::tempdir()?;
    // A file: a pipe is at its end only when all who have inherited it are gone.
    let mut said = tempfile::tempfile()?;
    let round = round.env("TMPDIR", folder.path()).stdout(said.try_clone()?);
    // Ctrl-C is for this program alone, which has a table to show.
    let mut round = round.process_group(0).kill_on_drop(true).spawn()?;
    let mut tally = Tally::default();
    tally[Count::Rounds] += 1;
    tokio::select! {
        _ = round.wait() => {
            let mut text = String::new();
            said.rewind()?;
            said.read_to_string(&mut text)?;
            match Tally::parse(&text) {
                Some(account) => tally += account,
                None => tally[Count::Crashes] += 1,
            }
        }
        _ = sleep(kill_after.unwrap_or(limit)) => {
            round.kill().await?;
            tally[if kill_after.is_some() { Count::Faults } else { Count::Hangs }] += 1;
        }
    }
    adopt(GRACE.min(limit), &mut tally)?;
    tally[Count::Files] += fs::read_dir(folder.path())?.count() as u64;
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounds made of a shell, each with one thing wrong: the place where it is counted.
    /// One test, as it has to do with all children of the process.
    #[test]
    fn what_a_round_does_wrong_and_what_it_leaves_is_counted() {
        crate::possessions::tests::what_is_left_is_counted();
        prctl::set_child_subreaper(true).unwrap();
        let said = "echo 0 2 0 0 0 0 0 0 0 0 0 0";
        let cases = [
            (said.to_owned(), None),
            ("exit 3".to_owned(), Some(Count::Crashes)),
            ("exec sleep 60".to_owned(), Some(Count::Hangs)),
            (format!("sleep 60 & {said}"), Some(Count::Processes)),
            (format!("touch $TMPDIR/file; {said}"), Some(Count::Files)),
            (
                "echo 0 0 0 0 0 1 0 0 0 0 0 0".to_owned(),
                Some(Count::Wrong),
            ),
        ];
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        for (script, bad) in cases {
            let mut shell = Command::new("sh");
            shell.args(["-c", &script]);
            // Only what hangs is to be killed, on a busy machine as well.
            let hangs = matches!(bad, Some(Count::Hangs));
            let limit = Duration::from_millis(if hangs { 500 } else { 60_000 });
            let tally = runtime.block_on(watch(shell, limit, None)).unwrap();
            assert_eq!(tally.is_clean(), bad.is_none(), "{script}: {tally}");
            if let Some(bad) = bad {
                assert_eq!(tally[bad], 1, "{script}: {tally}");
            }
        }
    }
}
