//! Processes that are stopped, as by Ctrl-Z: they are there, and do nothing. Some go on after a
//! moment; the others are given up, by a limit or a kill.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use tokio::runtime::Builder;
use tokio::time::timeout;

use super::{Round, beside, executors, family, locks, managers, pause, pipe, pool, processes};
use super::{queue, signal_child};
use crate::pieces::children::Child as Fork;
use crate::pieces::framed::{FrameReader, FrameWriter};
use crate::pieces::manager::manager;
use crate::pieces::pool::{JobError, Pool};
use crate::pieces::queue::{Child, QueueError};
use crate::pieces::workers::Workers;
use crate::tally::{Count, Outcome, Tally};

/// Those whose processes may be stopped for a moment at any time.
const ROUNDS: [Round; 7] = [
    pool::round,
    executors::round,
    queue::round,
    pipe::round,
    processes::round,
    locks::round,
    managers::round,
];

/// What gives up processes that never go on.
const GIVE_UP: [Round; 5] = [in_pool, in_executors, in_queue, in_pipe, in_manager];

/// Far more than what a worker needs. On a busy machine any of them may be late.
const LIMIT: Duration = Duration::from_millis(30);
const PATIENCE: Duration = Duration::from_secs(15);

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    GIVE_UP[dice.random_range(0..GIVE_UP.len())](dice, tally)?;
    let mut others_dice = SmallRng::from_rng(dice);
    let stopping = beside(move |round| {
        // The first is the round itself.
        let children = &family(round)[1..];
        if let Some(child) = children.get(others_dice.random_range(0..children.len().max(1))) {
            let _ = kill(*child, Signal::SIGSTOP);
            pause(&mut others_dice, 10_000);
            let _ = kill(*child, Signal::SIGCONT);
        }
        pause(&mut others_dice, 5_000);
    })?;
    tally[Count::Faults] += 1;
    ROUNDS[dice.random_range(0..ROUNDS.len())](dice, tally)?;
    drop(stopping);
    Ok(())
}

/// Workers are stopped between their jobs and in them.
fn in_pool(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let mut pool = Pool::new(Some(2), &pool::function())?;
    let jobs: Vec<_> = (0..40).map(|n| (n, vec![0; super::length(dice)])).collect();
    let known = Mutex::new(BTreeSet::new());
    let stopped = Mutex::new(Vec::new());
    pool.limit(LIMIT);
    for _ in 0..4 {
        let answers = thread::scope(|scope| {
            scope.spawn(|| {
                let victim = known.lock().unwrap().pop_first();
                pause(dice, 2000);
                let victim = victim.filter(|id| signal_child(*id, Signal::SIGSTOP));
                stopped.lock().unwrap().extend(victim);
            });
            pool.map(jobs.clone()).map(Some).collect::<Vec<_>>()
        });
        let ids = answers.iter().flatten().flatten().map(|answer| answer.2);
        known.lock().unwrap().extend(ids);
        let told = |error: &JobError| *error == JobError::TooSlow;
        pool::check(&jobs, answers, told, tally);
    }
    let stopped = stopped.into_inner().unwrap();
    tally[Count::Faults] += stopped.len() as u64;
    // The last one may have been without a job.
    stopped
        .into_iter()
        .for_each(|id| _ = signal_child(id, Signal::SIGCONT));
    pool.limit(PATIENCE);
    let answers = pool.map(jobs.clone()).map(Some).collect();
    pool::check(&jobs, answers, |_| false, tally);
    Ok(())
}

fn in_executors(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let workers = Workers::new(1);
    for number in 0..8 {
        let job = format!("job {number}");
        let stop = dice.random();
        let taken = |_, process| {
            let stopped = stop && signal_child(process, Signal::SIGSTOP);
            tally[Count::Faults] += u64::from(stopped);
        };
        let limit = if stop { LIMIT } else { PATIENCE };
        let answer = runtime.block_on(async { timeout(limit, workers.run(&job, taken)).await });
        tally.job(match answer {
            Ok(Ok(text)) if executors::work(&job) == Ok(text.clone()) && !stop => Outcome::Right,
            Err(_) if stop => Outcome::Told,
            other => Outcome::Wrong(format!("{job}, to be stopped: {stop}: {other:?}")),
        });
    }
    Ok(())
}

/// The child is stopped while it answers, and killed when nothing has come in time; or while the
/// parent waits for room in the queue to it.
fn in_queue(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let Child {
        to,
        from,
        mut process,
    } = Child::start()?;
    let put = move |count| {
        (0..count).try_for_each(|number| to.put(queue::Ask::Echo(queue::message(number))))
    };
    tally[Count::Faults] += 1;
    if dice.random() {
        put(50).map_err(io::Error::other)?;
        pause(dice, 3000);
        signal_child(process.id(), Signal::SIGSTOP);
        for number in 0..50 {
            let reply = from.get_timeout(LIMIT);
            let killed = matches!(reply, Err(QueueError::Empty));
            if killed {
                process.kill();
            }
            tally.job(match reply {
                Err(QueueError::Empty) => Outcome::Told,
                reply => queue::judge(number, reply),
            });
        }
    } else {
        signal_child(process.id(), Signal::SIGSTOP);
        let put = thread::scope(|scope| {
            // More than there is room for.
            let put = scope.spawn(move || put(1000));
            pause(dice, 20_000);
            process.kill();
            put.join().expect("it does not panic")
        });
        tally.job(queue::judge(0, put.map(|()| queue::message(1))));
    }
    Ok(())
}

/// The writer is stopped, and killed while the reader waits for it.
fn in_pipe(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let (reader, pipe) = io::pipe()?;
    let mut reader = Some(reader);
    let writer = Fork::start(|| {
        reader = None; // The parent's is the only one.
        let mut writer = FrameWriter::new(pipe, 1 << 20);
        let over = (0..).try_for_each(|number| writer.send(&pipe::message(number)));
        format!("{over:?}").into()
    })?;
    let mut reader = FrameReader::new(reader.expect("it is here"), 1 << 20);
    tally[Count::Faults] += 1;
    thread::scope(|scope| {
        scope.spawn(|| stop_and_drop(writer, dice));
        for number in 0.. {
            tally.job(match reader.receive() {
                Ok(Some(got)) if got == pipe::message(number) => Outcome::Right,
                // Killed between two messages, or in one.
                Ok(None) => break,
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
                other => Outcome::Wrong(format!("message {number}: {other:?}")),
            });
        }
    });
    Ok(())
}

/// A manager is stopped, and killed while its client waits for it; or another client, and the
/// manager goes on.
fn in_manager(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let (manager, mut ends) = manager(2)?;
    let serving = Fork::start(|| {
        ends.clear();
        manager.serve().expect("only requests come");
        Vec::new()
    })?;
    let (mut ours, mut other) = (ends.remove(0), ends.remove(0));
    let asking = Fork::start(|| {
        while other.length().is_ok() {}
        Vec::new()
    })?;
    let killed = dice.random();
    let (victim, _spared) = match killed {
        true => (serving, asking),
        false => (asking, serving),
    };
    tally[Count::Faults] += 1;
    thread::scope(|scope| {
        let stopping = scope.spawn(|| stop_and_drop(victim, dice));
        while killed || !stopping.is_finished() {
            tally.job(match ours.length() {
                Ok(0) => Outcome::Right,
                Err(error) if killed && error.kind() == ErrorKind::BrokenPipe => break,
                other => Outcome::Wrong(format!("a length: {other:?}")),
            });
        }
    });
    Ok(())
}

fn stop_and_drop(victim: Fork, dice: &mut SmallRng) {
    pause(dice, 3000);
    signal_child(victim.id().as_raw() as u32, Signal::SIGSTOP);
    pause(dice, 20_000);
    drop(victim);
}
