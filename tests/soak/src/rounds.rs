//! Rounds of faults, each in a process of its own that starts with one thread and nothing.

use std::env;
use std::fs;
use std::io::{self, Read, Seek};
use std::time::{Duration, Instant};

use nix::sys::prctl;
use nix::sys::signal::Signal;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use tokio::process::Command;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use crate::faults::KINDS;
use crate::possessions::{self, Possessions};
use crate::tally::{Count, Tally};

/// The kind that only the parent of a round can deal: the round itself is killed, and with it
/// the parent of whatever it has started.
const PARENTS: &str = "parents";
/// A round takes a part of a second. One that is not over by then hangs.
const LIMIT: Duration = Duration::from_secs(20);
/// How long something may take to be gone, once nobody needs it any more.
const GRACE: Duration = Duration::from_secs(5);

pub fn is_kind(name: &str) -> bool {
    KINDS.iter().any(|kind| kind.0 == name)
}

/// Plays one round in this process, and counts what it leaves there.
pub fn play(kind: &str, seed: u64) -> io::Result<Tally> {
    // However the program of all rounds ends, this one ends with it.
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    // What tokio gets once and keeps is not left behind.
    drop(Builder::new_current_thread().enable_all().build()?);
    let (_, round) = KINDS
        .iter()
        .find(|known| known.0 == kind)
        .expect("a known kind");
    let before = Possessions::now()?;
    let mut tally = Tally::default();
    round(&mut SmallRng::seed_from_u64(seed), &mut tally)?;
    Possessions::count_left(before, GRACE, &mut tally)?;
    Ok(tally)
}

/// Plays rounds of all kinds in turn until the time is over, or one hangs, or somebody stops
/// the program by Ctrl-C or SIGTERM. Returns a row for each kind.
pub fn play_all(time: Duration, seed: u64) -> io::Result<Vec<(&'static str, Tally)>> {
    let end = Instant::now() + time;
    // Whoever has lost its parent becomes our child: nobody can hide from us.
    prctl::set_child_subreaper(true)?;
    let kinds = KINDS.iter().map(|kind| kind.0).chain([PARENTS]);
    let mut rows: Vec<_> = kinds.map(|kind| (kind, Tally::default())).collect();
    let mut dice = SmallRng::seed_from_u64(seed);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        for place in (0..rows.len()).cycle() {
            let (kind, row) = &mut rows[place];
            let seed = dice.random();
            let tally = tokio::select! {
                tally = watched(kind, seed) => tally?,
                _ = interrupt.recv() => break,
                _ = terminate.recv() => break,
            };
            *row += tally;
            if !tally.is_clean() {
                eprintln!(
                    "{kind}: {}; once more: soak round {kind} {seed}",
                    tally.complaints()
                );
            }
            if tally[Count::Hangs] > 0 || Instant::now() >= end {
                break;
            }
        }
        io::Result::Ok(())
    })?;
    // Of a round that was broken off.
    possessions::adopt(GRACE, &mut Tally::default())?;
    Ok(rows)
}

/// Starts a round, and counts what it says and what it leaves.
async fn watched(kind: &str, seed: u64) -> io::Result<Tally> {
    let mut dice = SmallRng::seed_from_u64(seed);
    let (kind, killed) = match kind {
        PARENTS => {
            let (kind, _) = KINDS.choose(&mut dice).expect("there are some");
            (
                *kind,
                Some(Duration::from_millis(dice.random_range(0..150))),
            )
        }
        kind => (kind, None),
    };
    let mut command = Command::new(env::current_exe()?);
    command.args(["round", kind, &seed.to_string()]);
    watch(command, LIMIT, killed).await
}

/// Waits for a process that plays a round, kills it when its time is over, or when it is to
/// be killed, and counts what it says and what it leaves.
async fn watch(mut round: Command, limit: Duration, killed: Option<Duration>) -> io::Result<Tally> {
    let folder = tempfile::tempdir()?;
    // A file: to read from a pipe would be to wait for everybody who has inherited it.
    let mut said = tempfile::tempfile()?;
    let mut round = round
        .env("TMPDIR", folder.path())
        .stdout(said.try_clone()?)
        // Ctrl-C is for us: it ends the last round, and shows what there is so far.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let mut tally = Tally::default();
    let ended = tokio::select! {
        status = round.wait() => Some(status?),
        _ = sleep(killed.unwrap_or(limit)) => None,
    };
    match (ended, killed) {
        (None, None) => tally[Count::Hangs] += 1,
        (None, Some(_)) => tally[Count::Faults] += 1,
        (Some(_), _) => {
            let mut text = String::new();
            said.rewind()?;
            said.read_to_string(&mut text)?;
            match Tally::parse(&text) {
                Some(account) => tally += account,
                None => tally[Count::Crashes] += 1,
            }
        }
    }
    tally[Count::Rounds] += 1;
    round.kill().await?;
    possessions::adopt(GRACE, &mut tally)?;
    tally[Count::Files] += fs::read_dir(folder.path())?.count() as u64;
    Ok(tally)
}
