//! What the search has found, for people.

use std::fmt::Write as _;
use std::time::Duration;

use interleave::text::{align, thousands};
use interleave::{Replay, Report, Seen, Way};

/// How many outputs are listed.
const MOST: usize = 20;

/// Threads and steps, and each end with how often it comes.
pub fn found(name: &str, reduced: bool, report: &Report, took: Duration) -> String {
    let threads = report
        .found
        .steps
        .iter()
        .filter(|&&steps| steps > 0)
        .count();
    let steps = report.found.steps.iter().max().copied().unwrap_or(0);
    let schedules = thousands(report.found.schedules);
    let all = match (report.complete, reduced) {
        (true, true) => "all that can differ",
        (true, false) => "all there are",
        (false, _) => "NOT all there are: the time was up, so this proves nothing yet",
    };
    let waited = match report.waited {
        true => "; loops that see the same again and again wait for a change",
        false => "",
    };
    let mut text = format!(
        "{name}: {threads} threads x {steps} steps, {schedules} schedules ({all}{waited}) in {:.1} s\n",
        took.as_secs_f64()
    );
    let mut ends: Vec<_> = report.ends.iter().collect();
    ends.sort_by_key(|((seen, _), way)| (seen.is_bad(), std::cmp::Reverse(way.count)));
    let rarest = ends.iter().map(|(_, way)| way.count).min().unwrap_or(0);
    let _ = writeln!(text, "\n{:>9}  end, and what was printed", "schedules");
    for ((seen, printed), way) in ends.iter().take(MOST) {
        let mark = match way.count == rarest
            && ends.len() > 1
            && way.count < report.found.schedules / 10
        {
            true => "  <- rare",
            false => "",
        };
        let printed = printed.trim_end().replace('\n', " | ");
        let end = what(seen);
        let count = thousands(way.count);
        let bad = if seen.is_bad() { "BAD: " } else { "" };
        let shown = match printed.is_empty() {
            true => String::new(),
            false => format!(": {printed}"),
        };
        let _ = writeln!(text, "{count:>9}  {bad}{end}{shown}{mark}");
    }
    if ends.len() > MOST {
        let _ = writeln!(text, "{:>9}  and {} other ends", "", ends.len() - MOST);
    }
    text
}

/// One of each kind of bad end, with the shortest schedule.
pub fn bad(report: &Report) -> impl Iterator<Item = (&(Seen, String), &Way)> {
    let mut bad: Vec<_> = report
        .ends
        .iter()
        .filter(|((seen, _), _)| seen.is_bad())
        .collect();
    bad.sort_by_key(|((seen, _), way)| (kind(seen), way.schedule.len()));
    bad.dedup_by_key(|((seen, _), _)| kind(seen));
    bad.into_iter().take(5)
}

/// Deadlocks are of one kind, whichever threads are in them.
pub fn kind(seen: &Seen) -> String {
    match seen {
        Seen::Deadlock(_) => "ends in a deadlock".into(),
        Seen::Spins(_) => "spins without end".into(),
        other => what(other),
    }
}

/// An end in words.
pub fn what(seen: &Seen) -> String {
    match seen {
        Seen::Done => "ends".into(),
        Seen::Outlived(threads) => format!("ends while {} still works", threads.join(", ")),
        Seen::Panicked(words) => format!("panics, {}", words.replace('\n', ";")),
        Seen::Failed(error) => format!("returns an error, {error}"),
        Seen::Deadlock(threads) => format!("is in a deadlock ({})", threads.join("; ")),
        Seen::Spins(threads) => format!("may spin without end ({})", threads.join("; ")),
    }
}

/// A schedule, step by step, with the lines of the source.
pub fn table(shown: &Replay, source: &[&str]) -> String {
    let head = ["step", "thread", "line", "what it does", "source"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (number, step) in shown.steps.iter().enumerate() {
        let line = step.place.line();
        let here = step.place.file().ends_with("own-program.rs");
        let code = source.get(line as usize - 1).filter(|_| here);
        let line = code.map_or(String::new(), |_| line.to_string());
        rows.push(vec![
            (number + 1).to_string(),
            step.thread.clone(),
            line,
            step.what.clone(),
            code.map_or(String::new(), |code| code.trim().to_owned()),
        ]);
    }
    let mut text = align(&rows);
    let printed = shown.printed.trim_end();
    if !printed.is_empty() {
        let _ = writeln!(text, "=> printed: {}", printed.replace('\n', " | "));
    }
    let _ = writeln!(text, "=> it {}", what(&shown.seen));
    text
}
