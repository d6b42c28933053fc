//! What is measured, and the goal of each row.

/// Sides that take turns.
pub struct Case {
    /// The lesson.
    pub group: &'static str,
    pub sides: &'static [Side],
    pub place: Where,
    pub rows: &'static [Row],
}

/// A process that prints lines of a name and a number.
pub struct Side {
    pub role: Role,
    /// Of [`crate::sides`], or a file in `python` with its arguments.
    pub command: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The one of this number.
    Python(usize),
    Rust,
    /// The same work in the plainest way that the system offers.
    Baseline,
    /// A well-known crate for the same work.
    Peer(&'static str),
    /// The same, but without a guarantee that ours gives: the name says which.
    Without(&'static str),
}

/// What each side runs on.
#[derive(Clone, Copy)]
pub enum Where {
    /// All of it on one core, the one that is freest. There a wake-up is cheap; one from core to core
    /// says more about the machine than about the program.
    OneCore,
    /// On so many cores at once.
    Cores(usize),
}

impl Where {
    pub fn cores(self) -> usize {
        match self {
            Self::OneCore => 1,
            Self::Cores(cores) => cores,
        }
    }
}

/// A line of the table.
#[derive(Clone, Copy)]
pub struct Row {
    pub name: &'static str,
    /// The number of each side's that it is about.
    pub value: &'static str,
    pub unit: &'static str,
    pub better: Better,
    /// How many times as good as Python ours has to be.
    pub python: Option<f64>,
    /// What share of the baseline ours has to reach.
    pub baseline: Option<f64>,
    /// Whether ours may not be behind any peer.
    pub peers: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Better {
    Less,
    More,
}

use Better::{Less, More};
use Role::{Baseline, Peer, Rust, Without};
use Where::{Cores, OneCore};

const PYTHON: Role = Role::Python(0);

/// The lessons that something is measured for.
pub fn groups() -> Vec<&'static str> {
    let mut groups: Vec<_> = CASES.iter().map(|case| case.group).collect();
    groups.dedup();
    groups
}

const fn side(role: Role, command: &'static str) -> Side {
    Side { role, command }
}

/// A row without a goal, but not to be behind a peer.
pub const fn row(
    name: &'static str,
    value: &'static str,
    unit: &'static str,
    better: Better,
) -> Row {
    Row {
        name,
        value,
        unit,
        better,
        python: None,
        baseline: None,
        peers: true,
    }
}

impl Row {
    /// At least so many times as good as Python.
    pub const fn python(self, times: f64) -> Self {
        Self {
            python: Some(times),
            ..self
        }
    }

    /// At least this share of the baseline.
    pub const fn baseline(self, share: f64) -> Self {
        Self {
            baseline: Some(share),
            ..self
        }
    }

    /// The peers do less, and are there to compare.
    pub const fn beside_peers(self) -> Self {
        Self {
            peers: false,
            ..self
        }
    }
}

/// The baseline is a program of the system that only waits.
const BEYOND: &[Row] = &[row("a run, beyond its waits", "ms", "ms", Less)
    .python(6.0)
    .baseline(0.12)];

pub static CASES: &[Case] = &[
    Case {
        group: "race",
        sides: &[
            side(PYTHON, "race-python"),
            side(Rust, "race"),
            side(Baseline, "race-sleep"),
        ],
        place: OneCore,
        rows: BEYOND,
    },
    Case {
        group: "lock",
        sides: &[
            side(PYTHON, "lock-python"),
            side(Rust, "lock"),
            side(Baseline, "lock-sleep"),
        ],
        place: OneCore,
        rows: BEYOND,
    },
    Case {
        group: "user-io",
        sides: &[
            side(PYTHON, "user-io-python"),
            side(Rust, "user-io"),
            side(Baseline, "user-io-sleep"),
        ],
        place: OneCore,
        rows: BEYOND,
    },
    Case {
        group: "gil",
        sides: &[
            side(PYTHON, "gil.py"),
            side(Rust, "gil"),
            side(Baseline, "gil-bare"),
        ],
        place: Cores(2),
        rows: &[
            row("two threads / one, under the lock", "under", "times", Less).baseline(0.8),
            row("two threads / one, without it", "free", "times", Less).baseline(0.85),
            row("a check for the lock, each step", "check_ns", "ns", Less),
        ],
    },
    Case {
        group: "processes",
        sides: &[
            side(PYTHON, "processes.py fork"),
            side(Rust, "fork"),
            side(Baseline, "fork-bare"),
        ],
        place: OneCore,
        rows: &[row("fork and wait, one core", "us", "us", Less)
            .python(5.0)
            .baseline(0.45)],
    },
    Case {
        group: "processes",
        sides: &[
            side(PYTHON, "processes.py spawn"),
            side(Rust, "fresh"),
            side(Baseline, "fresh-c"),
        ],
        place: OneCore,
        rows: &[row("fresh start and wait", "us", "us", Less)
            .python(20.0)
            .baseline(0.5)],
    },
    Case {
        group: "processes",
        sides: &[
            side(PYTHON, "processes.py split"),
            side(Rust, "split"),
            side(Baseline, "split-bare"),
        ],
        place: Cores(2),
        rows: &[row("computing split over 2 cores", "times", "times", More).baseline(0.85)],
    },
    Case {
        group: "processes",
        sides: &[
            side(PYTHON, "processes.py switch"),
            side(Rust, "process-switch"),
            side(Baseline, "process-switch-bare"),
        ],
        place: OneCore,
        rows: &[row(
            "a switch from process to process, one core",
            "ns",
            "ns",
            Less,
        )
        .python(1.0)
        .baseline(0.4)],
    },
    Case {
        group: "pool",
        sides: &[
            side(PYTHON, "pool.py apply"),
            side(Rust, "pool-apply"),
            side(Baseline, "pool-apply-bare"),
            side(Peer("procspawn"), "pool-apply-procspawn"),
        ],
        place: OneCore,
        rows: &[row("apply, one core", "us", "us", Less)
            .python(2.2)
            .baseline(0.35)],
    },
    Case {
        group: "pool",
        sides: &[
            side(PYTHON, "pool.py map"),
            side(Rust, "pool-map"),
            side(Baseline, "pool-map-bare"),
            side(
                Peer("procspawn, an answer or an error for each"),
                "pool-map-procspawn-each",
            ),
            side(
                Without("procspawn, one error for a chunk"),
                "pool-map-procspawn",
            ),
        ],
        place: Cores(2),
        rows: &[row("map, 1,000,000 squares", "M/s", "M/s", More)
            .python(3.5)
            .baseline(0.2)],
    },
    Case {
        group: "pool",
        sides: &[
            side(Rust, "pool-map-chunks"),
            side(Baseline, "pool-map-bare"),
            side(Peer("procspawn"), "pool-map-procspawn"),
        ],
        place: Cores(2),
        rows: &[row("map, one error for a chunk", "M/s", "M/s", More)
            .baseline(0.25)
            .beside_peers()],
    },
    Case {
        group: "pool",
        sides: &[
            side(PYTHON, "pool.py imap"),
            side(Rust, "pool-imap"),
            side(Baseline, "pool-imap-bare"),
        ],
        place: Cores(2),
        rows: &[row("imap, 10,000 squares", "k/s", "k/s", More)
            .python(1.3)
            .baseline(0.55)],
    },
    Case {
        group: "pool",
        sides: &[
            side(PYTHON, "pool.py primes"),
            side(Rust, "pool-primes"),
            side(Baseline, "pool-primes-here"),
        ],
        place: Cores(2),
        rows: &[row("six primes, 2 cores", "s", "s", Less)
            .python(10.0)
            .baseline(0.75)],
    },
    Case {
        group: "queue",
        sides: &[
            side(PYTHON, "queues.py small"),
            side(Rust, "queue-small"),
            side(Baseline, "queue-small-bare"),
        ],
        place: Cores(2),
        rows: &[row("messages of 22 bytes", "k/s", "k/s", More)
            .python(1.8)
            .baseline(0.2)],
    },
    Case {
        group: "queue",
        sides: &[
            side(PYTHON, "queues.py large"),
            side(Rust, "queue-large"),
            side(Baseline, "queue-large-bare"),
        ],
        place: Cores(2),
        rows: &[row("messages of 1 MiB", "GB/s", "GB/s", More)
            .python(4.0)
            .baseline(0.8)],
    },
    Case {
        group: "pipe",
        sides: &[
            side(PYTHON, "pipe.py trip"),
            side(Rust, "pipe-trip"),
            side(Baseline, "pipe-trip-bare"),
        ],
        place: OneCore,
        rows: &[row("round trip, one core", "us", "us", Less)
            .python(1.7)
            .baseline(0.9)],
    },
    Case {
        group: "pipe",
        sides: &[
            side(PYTHON, "pipe.py small"),
            side(Rust, "pipe-small"),
            side(Baseline, "pipe-small-bare"),
        ],
        place: Cores(2),
        rows: &[row("messages of 22 bytes", "k/s", "k/s", More)
            .python(2.0)
            .baseline(0.8)],
    },
    Case {
        group: "pipe",
        sides: &[
            side(PYTHON, "pipe.py large"),
            side(Rust, "pipe-large"),
            side(Baseline, "pipe-large-bare"),
        ],
        place: Cores(2),
        rows: &[row("messages of 1 MiB", "GB/s", "GB/s", More)
            .python(2.8)
            .baseline(0.5)],
    },
    Case {
        group: "shared-memory",
        sides: &[
            side(PYTHON, "shared_memory.py"),
            side(Rust, "locked"),
            side(Baseline, "atomic"),
        ],
        place: Cores(2),
        rows: &[row(
            "1,000,000 locked increments, 2 processes",
            "M/s",
            "M/s",
            More,
        )
        .python(5.0)
        .baseline(0.05)],
    },
    Case {
        group: "coroutines",
        sides: &[side(PYTHON, "coroutines.py tasks"), side(Rust, "tasks")],
        place: OneCore,
        rows: &[
            row("100,000 tasks, beyond the wait", "ms", "ms", Less).python(12.0),
            row("memory of a task", "bytes", "bytes", Less).python(2.4),
        ],
    },
    Case {
        group: "coroutines",
        sides: &[
            side(PYTHON, "coroutines.py threads"),
            side(Rust, "threads"),
            side(Baseline, "threads-bare"),
        ],
        place: Cores(2),
        rows: &[row("10,000 threads, one wait", "s", "s", Less)
            .python(1.6)
            .baseline(0.8)],
    },
    Case {
        group: "coroutines",
        sides: &[
            side(PYTHON, "coroutines.py task-switch"),
            side(Rust, "task-switch"),
            side(Baseline, "task-switch-bare"),
        ],
        place: OneCore,
        rows: &[row("a switch from task to task", "ns", "ns", Less)
            .python(10.0)
            .baseline(0.01)],
    },
    Case {
        group: "coroutines",
        sides: &[
            side(PYTHON, "coroutines.py thread-switch"),
            side(Rust, "thread-switch"),
            side(Baseline, "thread-switch-bare"),
        ],
        place: OneCore,
        rows: &[
            row("a switch from thread to thread, one core", "ns", "ns", Less)
                .python(2.0)
                .baseline(0.45),
        ],
    },
    Case {
        group: "futures",
        sides: &[
            side(PYTHON, "futures.py submit"),
            side(Rust, "submit"),
            side(Peer("rayon with handles"), "submit-rayon-handles"),
            side(Peer("threadpool with handles"), "submit-threadpool-handles"),
            side(Without("rayon, no handles"), "submit-rayon"),
            side(Without("threadpool, no handles"), "submit-threadpool"),
        ],
        place: OneCore,
        rows: &[row("submit to result, one core", "us", "us", Less).python(3.0)],
    },
    Case {
        group: "futures",
        sides: &[
            side(PYTHON, "futures.py completed"),
            side(Rust, "completed"),
            side(Peer("rayon with handles"), "completed-rayon"),
            side(Peer("threadpool with handles"), "completed-threadpool"),
            side(Without("rayon, no handles"), "results-rayon"),
            side(Without("threadpool, no handles"), "results-threadpool"),
        ],
        place: Cores(2),
        rows: &[row("10,000 as completed, a handle for each", "k/s", "k/s", More).python(10.0)],
    },
    Case {
        group: "futures",
        sides: &[
            side(Rust, "results"),
            side(Without("rayon, jobs that must not panic"), "results-rayon"),
            side(
                Without("threadpool, a panic ends a thread"),
                "results-threadpool",
            ),
        ],
        place: Cores(2),
        rows: &[row("10,000 results, without handles", "k/s", "k/s", More)],
    },
    Case {
        group: "fetch",
        sides: &[
            side(PYTHON, "fetch.py six"),
            side(Rust, "fetch-six"),
            side(Baseline, "fetch-six-sockets"),
        ],
        place: OneCore,
        rows: &[row("six pages at once / the slowest", "quotient", "times", Less).baseline(0.97)],
    },
    Case {
        group: "fetch",
        sides: &[
            side(PYTHON, "fetch.py 20ms"),
            side(Rust, "fetch-20ms"),
            side(Baseline, "fetch-20ms-sockets"),
            side(Without("hyper, no limits"), "fetch-20ms-hyper"),
            side(Without("reqwest, one error for all"), "fetch-20ms-reqwest"),
            side(Peer("ureq"), "fetch-20ms-ureq-limited"),
            side(Without("ureq, no limit for a page"), "fetch-20ms-ureq"),
        ],
        place: Cores(2),
        rows: &[
            row(
                "10,000 pages of 20 ms, 500 together (ideal 0.4 s)",
                "seconds",
                "s",
                Less,
            )
            .python(1.8)
            .baseline(0.85),
            row("their processor time", "cpu", "s", Less)
                .python(3.0)
                .baseline(0.2),
            row("their memory", "memory", "MiB", Less)
                .python(1.4)
                .baseline(0.3),
        ],
    },
    Case {
        group: "fetch",
        sides: &[
            side(PYTHON, "fetch.py 0ms"),
            side(Rust, "fetch-0ms"),
            side(Baseline, "fetch-0ms-sockets"),
            side(Without("hyper, no limits"), "fetch-0ms-hyper"),
            side(Without("reqwest, one error for all"), "fetch-0ms-reqwest"),
            side(Peer("ureq"), "fetch-0ms-ureq-limited"),
            side(Without("ureq, no limit for a page"), "fetch-0ms-ureq"),
        ],
        place: Cores(2),
        rows: &[
            row("10,000 pages of 0 ms, 50 together", "pages", "1/s", More)
                .python(4.0)
                .baseline(0.2),
        ],
    },
    Case {
        group: "prove",
        sides: &[
            side(Rust, "prove-locks"),
            side(Peer("loom"), "prove-locks-loom"),
            side(Peer("shuttle"), "prove-locks-shuttle"),
        ],
        place: OneCore,
        rows: &[
            row("locks, all orders", "ms", "ms", Less),
            row("locks, executions", "executions", "runs", Less).beside_peers(),
        ],
    },
    Case {
        group: "prove",
        sides: &[
            side(Rust, "prove-atomics"),
            side(Peer("loom"), "prove-atomics-loom"),
            side(Peer("shuttle"), "prove-atomics-shuttle"),
        ],
        place: OneCore,
        rows: &[
            row("atomics, all orders", "ms", "ms", Less),
            row("atomics, executions", "executions", "runs", Less).beside_peers(),
        ],
    },
    Case {
        group: "prove",
        sides: &[
            side(Rust, "prove-messages"),
            side(Peer("loom"), "prove-messages-loom"),
            side(Peer("shuttle"), "prove-messages-shuttle"),
        ],
        place: OneCore,
        rows: &[
            row("messages, all orders", "ms", "ms", Less),
            row("messages, executions", "executions", "runs", Less).beside_peers(),
        ],
    },
    Case {
        group: "prove",
        sides: &[
            side(Rust, "prove-waits"),
            side(Peer("loom"), "prove-waits-loom"),
            side(Peer("shuttle"), "prove-waits-shuttle"),
        ],
        place: OneCore,
        rows: &[
            row("waits, all orders", "ms", "ms", Less),
            row("waits, executions", "executions", "runs", Less).beside_peers(),
        ],
    },
    Case {
        group: "prove",
        sides: &[
            side(Rust, "prove-orderings"),
            side(Peer("loom"), "prove-orderings-loom"),
        ],
        place: OneCore,
        rows: &[
            row("orderings, all executions", "ms", "ms", Less),
            row("orderings, executions", "executions", "runs", Less).beside_peers(),
        ],
    },
];
