//! Descriptors that run out: whatever is begun then comes to an error, and leaves nothing.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::time::Duration;
use std::{fs, io};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rand::{RngExt, rngs::SmallRng};
use tokio::runtime::{Builder, Runtime};

use super::{kill_child, pool, queue};
use crate::pieces::children::Child as Fork;
use crate::pieces::fetch::{Failure, Fetcher, Limits};
use crate::pieces::manager::manager;
use crate::pieces::pool::{JobError, Pool};
use crate::pieces::queue::Child;
use crate::pieces::workers::Workers;
use crate::tally::{Count, Outcome, Tally};

/// What may fail for want of descriptors: `None` if it says so, else whether it came out right.
const ATTEMPTS: [fn(&Runtime) -> Option<bool>; 6] = [
    |_| {
        let answer = Pool::new(Some(2), &pool::function())
            .ok()?
            .apply((3, vec![]));
        Some(answer.ok()?.0 == 9)
    },
    |_| {
        let child = Child::<_, queue::Message>::start().ok()?;
        child.to.put(queue::Ask::Echo(queue::message(9))).ok()?;
        Some(child.from.get().ok()? == queue::message(9))
    },
    |runtime| {
        let workers = Workers::new(1);
        let answer = runtime.block_on(workers.run("abc", |_, _| ()));
        Some(answer.ok()? == "cba")
    },
    |_| Some(Fork::start(|| vec![9]).ok()?.answer().ok()? == [9]),
    |_| manager(4).ok().map(|_| true),
    |runtime| {
        let address = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?;
        let fetcher = Fetcher::new(Limits {
            together: 1,
            per_host: 1,
            time: Duration::from_secs(10),
            bytes: 0,
            redirects: 0,
            proxies: false,
        });
        let fetcher = fetcher.ok()?;
        match runtime.block_on(fetcher.fetch(format!("http://{address}/"))) {
            Err(Failure::TooManyOpenFiles | Failure::Other(_)) => None,
            // Nobody listens there any more.
            page => Some(matches!(page, Err(Failure::Refused))),
        }
    },
];

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    for _ in 0..10 {
        let (room, which) = (
            dice.random_range(0..25),
            dice.random_range(0..ATTEMPTS.len()),
        );
        tally[Count::Faults] += 1;
        tally.job(match with_room(room, || ATTEMPTS[which](&runtime))? {
            None => Outcome::Told,
            Some(true) => Outcome::Right,
            Some(false) => Outcome::Wrong(format!("attempt {which} with room for {room}")),
        });
    }
    replacements(dice, tally)
}

/// A pool whose workers are killed when there is hardly anything left for new ones.
fn replacements(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let pool = Pool::new(Some(2), &pool::function())?;
    let jobs: Vec<_> = (0..40).map(|number| (number, vec![])).collect();
    let ids = pool.map(jobs.clone()).filter_map(Result::ok);
    let ids: Vec<_> = ids.map(|answer| answer.2).collect();
    with_room(dice.random_range(0..8), || {
        let mut killed = BTreeSet::new();
        for id in ids {
            if dice.random_ratio(1, 20) && kill_child(id) {
                tally[Count::Faults] += 1;
                killed.insert(id);
            }
        }
        let answers = pool.map(jobs.clone()).map(Some).collect();
        let told = |error: &JobError| {
            matches!(error, JobError::NotStarted(_)) || pool::died(error, &killed)
        };
        pool::check(&jobs, answers, told, tally);
    })
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
