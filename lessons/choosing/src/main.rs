//! **Choosing**: threads, processes or async, by whether the work waits or computes.
//!
//! Python: `threading`, `multiprocessing`, `asyncio`
//! Rust: `thread::scope`, `process::Command`, `tokio`
//!
//!     cargo run -p lesson-choosing        (4 seconds)
//!
//! Three kinds of work: many slow waits, a few quick waits, and computing. Each
//! is done one by one, on threads, in processes and in async tasks. The fastest
//! of several runs counts. Last, a table says whether the rule of thumb holds
//! here.
//!
//! Take away: `src/ways.rs`, the four ways side by side.

mod measure;
mod table;
mod ways;
mod work;

use std::process::ExitCode;

use measure::measure;
use work::Work;

const WAYS: [&str; 4] = ["one by one", "threads", "processes", "async"];

fn main() -> ExitCode {
    if let Some(status) = measure::job_if_child() {
        return status;
    }
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let act = lesson.act("Slow waits: a hundredth of a second each");
        let slow = measure(lesson, Work::SlowWaits, 3)?;
        act.end(format_args!("{} waits, in each of the ways", slow.total));

        let act = lesson.act("Quick waits: a thousandth of a second each");
        let quick = measure(lesson, Work::QuickWaits, 10)?;
        act.end(format_args!("{} waits, in each of the ways", quick.total));

        let act = lesson.act("Computing: a share of the primes each");
        let computing = measure(lesson, Work::Computing, 4)?;
        let primes = computing.total;
        act.end(format_args!("{primes} primes, in each of the ways"));

        let act = lesson.act("The table, and the rule of thumb");
        act.end(table::print(&[
            ("Slow waits", &slow, "async"),
            ("Quick waits", &quick, "threads"),
            ("Computing", &computing, "processes"),
        ]));

        for (work, measured) in [
            ("choosing: slow waits", slow),
            ("choosing: quick waits", quick),
            ("choosing: computing", computing),
        ] {
            lesson.speedup(work, measured.one_by_one(), measured.best(), None);
        }
        Ok(())
    })
}
