//! What is measured, and the goal of each row.

/// Sides that take turns.
pub struct Case {
    /// The lesson.
    pub group: &'static str,
    pub sides: &'static [Side],
    /// How often each side has its turn.
    pub rounds: usize,
    pub rows: &'static [Row],
}

/// A process that prints lines of a name and a number.
pub struct Side {
    pub role: Role,
    /// Of [`crate::sides`], or a file in `python` with its arguments.
    pub command: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Python,
    Rust,
    /// The same work in the plainest way that the system offers.
    Baseline,
    /// A well-known crate for the same work.
    Peer(&'static str),
}

/// A line of the table.
pub struct Row {
    pub name: &'static str,
    /// The number of each side's that it is about.
    pub value: &'static str,
    pub unit: &'static str,
    pub better: Better,
    pub goals: &'static [Goal],
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Better {
    Less,
    More,
}

#[derive(Clone, Copy)]
pub enum Goal {
    /// This many times as good as Python.
    TimesPython(f64),
    /// At least this share of the baseline.
    OfBaseline(f64),
    /// At most this, in the unit of the row.
    AtMost(f64),
    /// Not outside of these two.
    Within(f64, f64),
    /// At least this, in the unit of the row.
    AtLeast(f64),
    /// As good as each of the peers.
    AsPeers,
}

use Better::{Less, More};
use Goal::{AsPeers, AtLeast, AtMost, OfBaseline, TimesPython, Within};
use Role::{Baseline, Peer, Python, Rust};

/// The lessons that something is measured for.
pub fn groups() -> Vec<&'static str> {
    let mut groups: Vec<_> = CASES.iter().map(|case| case.group).collect();
    groups.dedup();
    groups
}

const fn side(role: Role, command: &'static str) -> Side {
    Side { role, command }
}

const fn row(
    name: &'static str,
    value: &'static str,
    unit: &'static str,
    better: Better,
    goals: &'static [Goal],
) -> Row {
    Row {
        name,
        value,
        unit,
        better,
        goals,
    }
}

const BEYOND: &[Row] = &[row(
    "a run, beyond its waits",
    "ms",
    "ms",
    Less,
    &[AtMost(10.0)],
)];

pub static CASES: &[Case] = &[
    Case {
        group: "race",
        sides: &[side(Python, "race-python"), side(Rust, "race")],
        rounds: 5,
        rows: BEYOND,
    },
    Case {
        group: "lock",
        sides: &[side(Python, "lock-python"), side(Rust, "lock")],
        rounds: 5,
        rows: BEYOND,
    },
    Case {
        group: "user-io",
        sides: &[side(Python, "user-io-python"), side(Rust, "user-io")],
        rounds: 3,
        rows: BEYOND,
    },
    Case {
        group: "gil",
        sides: &[side(Python, "gil.py"), side(Rust, "gil")],
        rounds: 5,
        rows: &[
            row(
                "two threads / one, under the lock",
                "under",
                "times",
                Less,
                &[Within(0.95, 1.10)],
            ),
            row(
                "two threads / one, without it",
                "free",
                "times",
                Less,
                &[AtMost(0.55)],
            ),
            row(
                "a check for the lock, each step",
                "check_ns",
                "ns",
                Less,
                &[AtMost(0.15)],
            ),
        ],
    },
    Case {
        group: "processes",
        sides: &[
            side(Python, "processes.py fork"),
            side(Rust, "fork"),
            side(Baseline, "fork-bare"),
        ],
        rounds: 5,
        rows: &[row(
            "fork and wait, one core",
            "us",
            "us",
            Less,
            &[TimesPython(12.0)],
        )],
    },
    Case {
        group: "processes",
        sides: &[
            side(Python, "processes.py spawn"),
            side(Rust, "fresh"),
            side(Baseline, "fresh-c"),
        ],
        rounds: 5,
        rows: &[row(
            "fresh start and wait",
            "us",
            "us",
            Less,
            &[TimesPython(40.0), OfBaseline(1.0 / 7.0)],
        )],
    },
    Case {
        group: "processes",
        sides: &[side(Python, "processes.py split"), side(Rust, "split")],
        rounds: 5,
        rows: &[row(
            "computing split over 2 cores",
            "times",
            "times",
            More,
            &[AtLeast(1.9)],
        )],
    },
    Case {
        group: "pool",
        sides: &[
            side(Python, "pool.py apply"),
            side(Rust, "pool-apply"),
            side(Baseline, "pool-apply-bare"),
            side(Peer("procspawn"), "pool-apply-procspawn"),
        ],
        rounds: 5,
        rows: &[row(
            "apply, one core",
            "us",
            "us",
            Less,
            &[TimesPython(2.5)],
        )],
    },
    Case {
        group: "pool",
        sides: &[
            side(Python, "pool.py map"),
            side(Rust, "pool-map"),
            side(Baseline, "pool-map-bare"),
            side(Peer("procspawn"), "pool-map-procspawn"),
        ],
        rounds: 7,
        rows: &[row(
            "map, 1,000,000 squares",
            "M/s",
            "M/s",
            More,
            &[TimesPython(6.0), OfBaseline(0.7)],
        )],
    },
    Case {
        group: "pool",
        sides: &[
            side(Python, "pool.py imap"),
            side(Rust, "pool-imap"),
            side(Baseline, "pool-imap-bare"),
        ],
        rounds: 7,
        rows: &[row(
            "imap, 10,000 squares",
            "k/s",
            "k/s",
            More,
            &[TimesPython(5.0)],
        )],
    },
    Case {
        group: "pool",
        sides: &[
            side(Python, "pool.py primes"),
            side(Rust, "pool-primes"),
            side(Baseline, "pool-primes-here"),
        ],
        rounds: 5,
        rows: &[row(
            "six primes, 2 cores",
            "s",
            "s",
            Less,
            &[TimesPython(10.0)],
        )],
    },
    Case {
        group: "queue",
        sides: &[
            side(Python, "queues.py small"),
            side(Rust, "queue-small"),
            side(Baseline, "queue-small-bare"),
        ],
        rounds: 5,
        rows: &[row(
            "messages of 22 bytes",
            "k/s",
            "k/s",
            More,
            &[TimesPython(3.5)],
        )],
    },
    Case {
        group: "queue",
        sides: &[
            side(Python, "queues.py large"),
            side(Rust, "queue-large"),
            side(Baseline, "queue-large-bare"),
        ],
        rounds: 5,
        rows: &[row(
            "messages of 1 MiB",
            "GB/s",
            "GB/s",
            More,
            &[TimesPython(4.0), OfBaseline(0.8)],
        )],
    },
    Case {
        group: "pipe",
        sides: &[
            side(Python, "pipe.py trip"),
            side(Rust, "pipe-trip"),
            side(Baseline, "pipe-trip-bare"),
        ],
        rounds: 5,
        rows: &[row(
            "round trip, one core",
            "us",
            "us",
            Less,
            &[TimesPython(3.5)],
        )],
    },
    Case {
        group: "pipe",
        sides: &[
            side(Python, "pipe.py small"),
            side(Rust, "pipe-small"),
            side(Baseline, "pipe-small-bare"),
        ],
        rounds: 5,
        rows: &[row(
            "messages of 22 bytes",
            "k/s",
            "k/s",
            More,
            &[TimesPython(3.5)],
        )],
    },
    Case {
        group: "pipe",
        sides: &[
            side(Python, "pipe.py large"),
            side(Rust, "pipe-large"),
            side(Baseline, "pipe-large-bare"),
        ],
        rounds: 5,
        rows: &[row(
            "messages of 1 MiB",
            "GB/s",
            "GB/s",
            More,
            &[TimesPython(2.8), OfBaseline(0.9)],
        )],
    },
    Case {
        group: "shared-memory",
        sides: &[
            side(Python, "shared_memory.py"),
            side(Rust, "locked"),
            side(Baseline, "atomic"),
        ],
        rounds: 5,
        rows: &[row(
            "1,000,000 locked increments, 2 processes",
            "M/s",
            "M/s",
            More,
            &[TimesPython(10.0)],
        )],
    },
    Case {
        group: "coroutines",
        sides: &[side(Python, "coroutines.py tasks"), side(Rust, "tasks")],
        rounds: 5,
        rows: &[
            row(
                "100,000 tasks, beyond the wait",
                "ms",
                "ms",
                Less,
                &[TimesPython(15.0)],
            ),
            row("memory of a task", "bytes", "bytes", Less, &[AtMost(500.0)]),
        ],
    },
    Case {
        group: "coroutines",
        sides: &[
            side(Python, "coroutines.py threads"),
            side(Rust, "threads"),
            side(Baseline, "threads-bare"),
        ],
        rounds: 3,
        rows: &[row(
            "10,000 threads, one wait",
            "s",
            "s",
            Less,
            &[TimesPython(3.0)],
        )],
    },
    Case {
        group: "coroutines",
        sides: &[
            side(Python, "coroutines.py task-switch"),
            side(Rust, "task-switch"),
            side(Baseline, "task-switch-bare"),
        ],
        rounds: 5,
        rows: &[row(
            "a switch from task to task",
            "ns",
            "ns",
            Less,
            &[TimesPython(10.0)],
        )],
    },
    Case {
        group: "coroutines",
        sides: &[
            side(Python, "coroutines.py thread-switch"),
            side(Rust, "thread-switch"),
            side(Baseline, "thread-switch-bare"),
        ],
        rounds: 5,
        rows: &[row(
            "a switch from thread to thread, one core",
            "ns",
            "ns",
            Less,
            &[OfBaseline(0.3)],
        )],
    },
    Case {
        group: "futures",
        sides: &[
            side(Python, "futures.py submit"),
            side(Rust, "submit"),
            side(Peer("rayon"), "submit-rayon"),
            side(Peer("threadpool"), "submit-threadpool"),
        ],
        rounds: 5,
        rows: &[row(
            "submit to result, one core",
            "us",
            "us",
            Less,
            &[TimesPython(3.0)],
        )],
    },
    Case {
        group: "futures",
        sides: &[
            side(Python, "futures.py completed"),
            side(Rust, "completed"),
            side(Peer("rayon"), "completed-rayon"),
            side(Peer("threadpool"), "completed-threadpool"),
        ],
        rounds: 5,
        rows: &[row(
            "10,000 as completed",
            "k/s",
            "k/s",
            More,
            &[TimesPython(10.0)],
        )],
    },
    Case {
        group: "fetch",
        sides: &[
            side(Python, "fetch.py six"),
            side(Rust, "fetch-six"),
            side(Baseline, "fetch-six-sockets"),
        ],
        rounds: 3,
        rows: &[row(
            "six pages at once / the slowest",
            "quotient",
            "times",
            Less,
            &[AtMost(1.02)],
        )],
    },
    Case {
        group: "fetch",
        sides: &[
            side(Python, "fetch.py 20ms"),
            side(Rust, "fetch-20ms"),
            side(Baseline, "fetch-20ms-sockets"),
        ],
        rounds: 5,
        rows: &[
            row(
                "10,000 pages of 20 ms, 500 together (ideal 0.4 s)",
                "seconds",
                "s",
                Less,
                &[TimesPython(2.3), AtMost(0.5)],
            ),
            row(
                "their processor time",
                "cpu",
                "s",
                Less,
                &[TimesPython(5.0)],
            ),
            row("their memory", "memory", "MiB", Less, &[TimesPython(2.0)]),
        ],
    },
    Case {
        group: "fetch",
        sides: &[
            side(Python, "fetch.py 0ms"),
            side(Rust, "fetch-0ms"),
            side(Baseline, "fetch-0ms-sockets"),
        ],
        rounds: 5,
        rows: &[row(
            "10,000 pages of 0 ms, 50 together",
            "pages",
            "1/s",
            More,
            &[TimesPython(6.0), OfBaseline(0.5)],
        )],
    },
    Case {
        group: "prove",
        sides: &[
            side(Rust, "prove-locks"),
            side(Peer("loom"), "prove-locks-loom"),
            side(Peer("shuttle"), "prove-locks-shuttle"),
        ],
        rounds: 3,
        rows: &[
            row("locks, all orders", "ms", "ms", Less, &[AsPeers]),
            row("locks, executions", "executions", "runs", Less, &[]),
        ],
    },
    Case {
        group: "prove",
        sides: &[
            side(Rust, "prove-atomics"),
            side(Peer("loom"), "prove-atomics-loom"),
            side(Peer("shuttle"), "prove-atomics-shuttle"),
        ],
        rounds: 3,
        rows: &[
            row("atomics, all orders", "ms", "ms", Less, &[AsPeers]),
            row("atomics, executions", "executions", "runs", Less, &[]),
        ],
    },
    Case {
        group: "prove",
        sides: &[
            side(Rust, "prove-messages"),
            side(Peer("loom"), "prove-messages-loom"),
            side(Peer("shuttle"), "prove-messages-shuttle"),
        ],
        rounds: 3,
        rows: &[
            row("messages, all orders", "ms", "ms", Less, &[AsPeers]),
            row("messages, executions", "executions", "runs", Less, &[]),
        ],
    },
    Case {
        group: "prove",
        sides: &[
            side(Rust, "prove-waits"),
            side(Peer("loom"), "prove-waits-loom"),
            side(Peer("shuttle"), "prove-waits-shuttle"),
        ],
        rounds: 3,
        rows: &[
            row("waits, all orders", "ms", "ms", Less, &[AsPeers]),
            row("waits, executions", "executions", "runs", Less, &[]),
        ],
    },
];
