//! The kinds of work that are measured.

use std::thread;
use std::time::Duration;

/// The primes below this are counted.
const LIMIT: u64 = 400_000;

#[derive(Clone, Copy)]
pub enum Work {
    SlowWaits,
    QuickWaits,
    Computing,
}

impl Work {
    pub const ALL: [Self; 3] = [Self::SlowWaits, Self::QuickWaits, Self::Computing];

    pub fn jobs(self) -> Vec<Job> {
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
        match self {
            Self::SlowWaits => vec![Job::Wait(timing::seconds(0.01)); 100],
            Self::QuickWaits => vec![Job::Wait(timing::seconds(0.001)); 10],
            Self::Computing => (0..cores).map(|core| Job::Primes { core, cores }).collect(),
        }
    }
}

#[derive(Clone, Copy)]
pub enum Job {
    /// I/O-bound: in real life it waits for a disk or a server.
    Wait(Duration),
    /// CPU-bound: counts the primes in the share of one core.
    Primes { core: u64, cores: u64 },
}

impl Job {
    /// Blocks the thread. Returns the number of waits or primes.
    pub fn run(self) -> u64 {
        match self {
            Self::Wait(time) => {
                thread::sleep(time);
                1
            }
            Self::Primes { core, cores } => primes(core, cores),
        }
    }

    /// A wait gives up the thread. Computing has nothing to await, and keeps the thread.
    pub async fn run_async(self) -> u64 {
        match self {
            Self::Wait(time) => {
                tokio::time::sleep(time).await;
                1
            }
            Self::Primes { core, cores } => primes(core, cores),
        }
    }
}

/// The shares alternate by thousands, because larger numbers take longer.
fn primes(core: u64, cores: u64) -> u64 {
    let share = (2..LIMIT).filter(|number| number / 1000 % cores == core);
    let is_prime = |number: &u64| {
        let mut divisors = (2..).take_while(|divisor| divisor * divisor <= *number);
        !divisors.any(|divisor| number.is_multiple_of(divisor))
    };
    share.filter(is_prime).count() as u64
}
