//! How much of each core this program gets at the moment.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use nix::Result;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// How long a look takes.
const LOOK: Duration = Duration::from_millis(10);
/// A core is free if it does at least this share of what it did at its best.
const FREE: f64 = 0.85;
/// The thread that asks.
const ME: Pid = Pid::from_raw(0);

/// The cores on which this program may run, each with the most that it did in a look.
pub struct Cores(Vec<(usize, u64)>);

/// What each core did in a look, as a share of its best.
pub struct Look(Vec<(usize, f64)>);

impl Cores {
    /// Looks several times, to know what each core can do.
    pub fn new() -> Result<Self> {
        let allowed = sched_getaffinity(ME)?;
        let cores = (0..CpuSet::count()).filter(|&core| allowed.is_set(core) == Ok(true));
        let mut cores = Self(cores.map(|core| (core, 1)).collect());
        for _ in 0..20 {
            cores.look()?;
        }
        Ok(cores)
    }

    /// Counts on all cores at once.
    pub fn look(&mut self) -> Result<Look> {
        let begin = Barrier::new(self.0.len());
        let count_on = |core| {
            pin(core)?;
            begin.wait();
            Ok(count())
        };
        let counts: Result<Vec<u64>> = thread::scope(|scope| {
            let cores = self.0.iter().map(|&(core, _)| core);
            let counts: Vec<_> = cores
                .map(|core| scope.spawn(move || count_on(core)))
                .collect();
            counts
                .into_iter()
                .map(|it| it.join().expect("it only counts"))
                .collect()
        });
        let mut shares = Vec::new();
        for ((core, best), count) in self.0.iter_mut().zip(counts?) {
            *best = count.max(*best);
            shares.push((*core, count as f64 / *best as f64));
        }
        Ok(Look(shares))
    }
}

impl Look {
    /// Whether so many cores are free, or all of them if there are not so many.
    pub fn has(&self, cores: usize) -> bool {
        let free = self.0.iter().filter(|(_, share)| *share >= FREE).count();
        free >= cores.min(self.0.len())
    }

    /// The core that did the most.
    pub fn freest(&self) -> usize {
        let best = self.0.iter().max_by(|one, two| one.1.total_cmp(&two.1));
        best.map_or(0, |&(core, _)| core)
    }
}

/// Puts the running thread, and what it starts from now on, on this core.
pub fn pin(core: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(core)?;
    sched_setaffinity(ME, &set)
}

fn count() -> u64 {
    let start = Instant::now();
    let mut looks = 0;
    while start.elapsed() < LOOK {
        // What reading the clock costs differs from moment to moment; this does not.
        for step in 0..1000 {
            black_box(step);
        }
        looks += 1;
    }
    looks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_on_which_another_thread_counts_is_not_free() {
        let look = Look(vec![(3, 0.5), (7, 0.99)]);
        assert!(look.has(1) && !look.has(2));
        assert_eq!(look.freest(), 7);
        assert!(Look(vec![(0, 1.0)]).has(2));
    }
}
