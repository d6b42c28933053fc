//! Descriptors that run out: whatever is begun then comes to an error, and leaves nothing.

use std::net::TcpListener;
use std::time::Duration;
use std::{fs, io};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rand::{RngExt, rngs::SmallRng};
use tokio::runtime::Builder;

use super::{kill_child, pool, queue};
use crate::pieces::children::Child as Fork;
use crate::pieces::fetch::{Failure, Fetcher, Limits};
use crate::pieces::manager::manager;
use crate::pieces::pool::Pool;
use crate::pieces::queue::Child;
use crate::pieces::workers::{self, Workers};
use crate::tally::{Count, Outcome, Tally};

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    for _ in 0..10 {
        let room = dice.random_range(0..25);
        match dice.random_range(0..7) {
            0 => pool(room, tally)?,
            1 => replacement(room % 8, dice, tally)?,
            2 => tally.job(with_room(room, echo)?),
            3 => executors(room, tally)?,
            4 => tally.job(with_room(room, fork)?),
            5 => tally.job(with_room(room, pipes)?),
            _ => fetch(room, tally)?,
        }
        tally[Count::Faults] += 1;
    }
    Ok(())
}

/// Does this with room for so many more descriptors than there are now.
fn with_room<T>(room: u64, work: impl FnOnce() -> T) -> io::Result<T> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    // One of them is that of the look itself.
    let open = fs::read_dir("/proc/self/fd")?.count() as u64 - 1;
    setrlimit(Resource::RLIMIT_NOFILE, open + room, hard)?;
    let result = work();
    setrlimit(Resource::RLIMIT_NOFILE, soft, hard)?;
    Ok(result)
}

fn pool(room: u64, tally: &mut Tally) -> io::Result<()> {
    with_room(room, || match Pool::new(Some(2), pool::work) {
        Ok(pool) => {
            let jobs: Vec<_> = (0..8).map(|number| (number, vec![])).collect();
            let answers = pool.map(jobs.clone()).into_iter().map(Some).collect();
            pool::check(&jobs, answers, tally);
        }
        Err(_) => tally.job(Outcome::Told),
    })
}

/// Of workers that are killed when there is hardly anything left for new ones.
fn replacement(room: u64, dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let pool = Pool::new(Some(2), pool::work)?;
    let jobs: Vec<_> = (0..40).map(|number| (number, vec![])).collect();
    let ids = pool.map(jobs.clone());
    let mut ids: Vec<_> = ids.into_iter().flatten().map(|answer| answer.2).collect();
    ids.dedup();
    with_room(room, || {
        for id in ids {
            tally[Count::Faults] += u64::from(dice.random_ratio(2, 3) && kill_child(id));
        }
        let answers = pool.map(jobs.clone()).into_iter().map(Some).collect();
        pool::check(&jobs, answers, tally);
    })
}

fn echo() -> Outcome {
    let echo = || {
        let mut child = Child::<_, queue::Message>::start().ok()?;
        child.put(queue::Ask::Echo(queue::message(9))).ok()?;
        child.get().ok()
    };
    match echo() {
        None => Outcome::Told,
        Some(back) if back == queue::message(9) => Outcome::Right,
        Some(other) => Outcome::Wrong(format!("{other:?}")),
    }
}

fn executors(room: u64, tally: &mut Tally) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let workers = Workers::new(1);
    let answer = with_room(room, || runtime.block_on(workers.run("abc", |_, _| ())))?;
    tally.job(match answer {
        Ok(text) if text == "cba" => Outcome::Right,
        Err(workers::Failure::System(_) | workers::Failure::Failed(_)) => Outcome::Told,
        Err(workers::Failure::Died { .. }) => Outcome::Told,
        other => Outcome::Wrong(format!("{other:?}")),
    });
    Ok(())
}

fn pipes() -> Outcome {
    manager(4).map_or(Outcome::Told, |_| Outcome::Right)
}

fn fork() -> Outcome {
    match Fork::start(|| b"answer".to_vec()).map(Fork::answer) {
        Err(_) => Outcome::Told,
        Ok(Ok(answer)) if answer == b"answer" => Outcome::Right,
        Ok(other) => Outcome::Wrong(format!("{other:?}")),
    }
}

/// From an address where nobody listens: it is this, or that there are no descriptors.
fn fetch(room: u64, tally: &mut Tally) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let limits = Limits {
        together: 10,
        per_host: 10,
        time: Duration::from_secs(10),
        bytes: 1000,
        redirects: 0,
    };
    let pages = with_room(room, || match Fetcher::new(limits) {
        Ok(fetcher) => {
            let urls = [
                format!("http://{address}/"),
                format!("http://{address}/other"),
            ];
            runtime.block_on(fetcher.fetch_all(&urls, |_| ()))
        }
        Err(error) => vec![Err(Failure::Other(error.to_string()))],
    })?;
    for page in pages {
        tally.job(match page {
            Err(Failure::Refused | Failure::TooManyOpenFiles | Failure::Other(_)) => Outcome::Told,
            other => Outcome::Wrong(format!("{other:?}")),
        });
    }
    Ok(())
}
