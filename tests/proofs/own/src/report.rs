//! What the search has found, for people and in TOML.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use interleave::text::{self, align, counted, cut, thousands};
use interleave::{Replay, Report, Seen, Way};
use serde::{Deserialize, Serialize};

/// What the copy that was compiled has more, in front of its first item. See `proofs::own::Files`.
const FRONT: &str = "#[macro_use] extern crate own as __own; ";

/// What it has more behind its last line contains this.
const BACK: &str = "pub const __OWN: __own::Programs";

/// So many different ends are kept in memory; then the search stops.
pub const MOST_ENDS: usize = 10_000;

/// How many steps of a long schedule are shown: at its start, and at its end.
const FIRST_STEPS: usize = 40;
const LAST_STEPS: usize = 12;

/// How many outputs are listed.
const MOST: usize = 20;

/// How what was compiled at a path is called, or what lies below it. See `proofs::own::Name`.
#[derive(Debug, Deserialize)]
pub struct Name {
    /// The path in the compiler's words.
    pub compiled: String,
    /// In what is printed; empty for the file that a bare number of a line is about.
    pub shown: String,
}

/// The place of a step, if it is in a file of the reader's: `12`, or `account.rs:12`.
pub fn place(file: &str, line: u32, names: &[Name]) -> Option<String> {
    let name = names.iter().find(|name| file.starts_with(&name.compiled))?;
    let file = &file[name.compiled.len()..];
    Some(match format!("{}{file}", name.shown) {
        file if file.is_empty() => line.to_string(),
        file => format!("{file}:{line}"),
    })
}

/// Places in the words of an end, as the reader calls them.
fn renamed(words: &str, names: &[Name]) -> String {
    names.iter().fold(words.to_owned(), |words, name| {
        match name.shown.is_empty() && name.compiled.ends_with(".rs") {
            true => words.replace(&format!("{}:", name.compiled), "line "),
            false => words.replace(&name.compiled, &name.shown),
        }
    })
}

/// Threads and steps, and each end with how often it comes.
pub fn found(name: &str, names: &[Name], reduced: bool, report: &Report, took: Duration) -> String {
    let (threads, steps) = size(report);
    let (threads, steps) = (counted(threads, "thread"), counted(steps, "step"));
    let unit = unit(report, reduced);
    let schedules = counted(report.found.schedules as usize, unit);
    let all = match (report.complete, reduced) {
        (true, true) if report.found.weak => "all that Rust allows, load buffering aside",
        (true, true) => "all that can differ",
        (true, false) => "all there are",
        (false, _) if report.ends.len() >= MOST_ENDS => {
            "NOT all there are: they end in too many different ways, so this proves nothing yet"
        }
        (false, _) if too_long(report) => {
            "NOT all there are: some take too many steps, so this proves nothing yet"
        }
        (false, _) => "NOT all there are: the time was up, so this proves nothing yet",
    };
    let waited = match report.waited {
        true => "; loops that see the same again and again wait for a change",
        false => "",
    };
    let mut text = format!(
        "{name}: {threads} x {steps}, {schedules} ({all}{waited}) in {:.1} s\n",
        took.as_secs_f64()
    );
    let width = unit.len() + 1;
    let _ = writeln!(text, "\n{unit}s  end, and what was printed");
    let ends = ends(report);
    let rarest = ends.iter().map(|(_, way)| way.count).min().unwrap_or(0);
    for ((seen, printed), way) in ends.iter().take(MOST) {
        let mark = match way.count == rarest
            && ends.len() > 1
            && way.count < report.found.schedules / 10
        {
            true => "  <- rare",
            false => "",
        };
        let printed = cut(&printed.trim_end().replace('\n', " | "));
        let end = what(seen, names);
        let count = thousands(way.count);
        let bad = if seen.is_bad() { "BAD: " } else { "" };
        let shown = match printed.is_empty() {
            true => String::new(),
            false => format!(": {printed}"),
        };
        let _ = writeln!(text, "{count:>width$}  {bad}{end}{shown}{mark}");
    }
    if ends.len() > MOST {
        let _ = writeln!(text, "{:>width$}  and {} other ends", "", ends.len() - MOST);
    }
    text
}

/// What is counted.
fn unit(report: &Report, reduced: bool) -> &'static str {
    match report.found.weak && reduced {
        true => "execution",
        false => "schedule",
    }
}

/// How many threads take steps, and how many the busiest takes.
fn size(report: &Report) -> (usize, usize) {
    let steps = &report.found.steps;
    let threads = steps.iter().filter(|&&steps| steps > 0).count();
    (threads, steps.iter().max().copied().unwrap_or(0))
}

/// Good ends first, and what comes often before what is rare.
fn ends(report: &Report) -> Vec<(&(Seen, String), &Way)> {
    let mut ends: Vec<_> = report.ends.iter().collect();
    ends.sort_by_key(|((seen, _), way)| (seen.is_bad(), std::cmp::Reverse(way.count)));
    ends
}

fn too_long(report: &Report) -> bool {
    report.ends.keys().any(|(seen, _)| *seen == Seen::TooLong)
}

/// One of each kind of end that is to be shown, with the shortest schedule: the bad ones, or those
/// that were not reached.
pub fn bad(report: &Report) -> impl Iterator<Item = (&(Seen, String), &Way)> {
    let shown = |seen: &Seen| seen.is_bad() || *seen == Seen::TooLong;
    let mut bad: Vec<_> = report
        .ends
        .iter()
        .filter(|((seen, _), _)| shown(seen))
        .collect();
    // Panics at one place are of one kind, whatever the values are in their words.
    let kind = |seen: &Seen| match seen {
        Seen::Panicked(words) => words.split(": ").next().unwrap_or_default().to_owned(),
        seen => kind(seen, &[]),
    };
    bad.sort_by_key(|((seen, _), way)| (!seen.is_bad(), kind(seen), way.schedule.len()));
    bad.dedup_by_key(|((seen, _), _)| kind(seen));
    bad.into_iter().take(5)
}

/// Deadlocks are of one kind, whichever threads are in them.
pub fn kind(seen: &Seen, names: &[Name]) -> String {
    match seen {
        Seen::Race(_) => "has a data race".into(),
        Seen::Deadlock(_) => "ends in a deadlock".into(),
        Seen::Spins(_) => "spins without end".into(),
        Seen::TooLong => "takes too many steps".into(),
        other => what(other, names),
    }
}

/// An end in words.
pub fn what(seen: &Seen, names: &[Name]) -> String {
    let words = match seen {
        Seen::Done => "ends".into(),
        Seen::Outlived(threads) => format!("ends while {} still works", threads.join(", ")),
        Seen::Panicked(words) => format!("panics, {}", cut(&words.replace('\n', ";"))),
        Seen::Failed(error) => format!("returns an error, {}", cut(error)),
        Seen::Race(threads) => format!("has a data race ({})", threads.join("; ")),
        Seen::Deadlock(threads) => format!("is in a deadlock ({})", threads.join("; ")),
        Seen::Spins(threads) => format!("may spin without end ({})", threads.join("; ")),
        Seen::TooLong => "takes too many steps to be searched, or loops without end".into(),
    };
    renamed(&words, names)
}

/// A schedule, step by step, with the lines of the source.
pub fn table(shown: &Replay, names: &[Name]) -> String {
    let head = ["step", "thread", "line", "what it does", "source"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let mut sources = HashMap::new();
    let steps = shown.steps.len();
    // Of a program that goes round and round, how it came there and where it is in the end.
    let left_out = match steps > FIRST_STEPS + LAST_STEPS + 1 {
        true => FIRST_STEPS..steps - LAST_STEPS,
        false => 0..0,
    };
    for (number, step) in shown.steps.iter().enumerate() {
        if left_out.contains(&number) {
            if number == left_out.start {
                rows.push(vec!["...".into(), format!("{} steps", left_out.len())]);
            }
            continue;
        }
        let (file, line) = (step.place.file(), step.place.line());
        let place = place(file, line, names);
        let source: &String = sources
            .entry(file)
            .or_insert_with(|| std::fs::read_to_string(file).unwrap_or_default());
        let code = source
            .lines()
            .nth(line as usize - 1)
            .filter(|_| place.is_some());
        rows.push(vec![
            (number + 1).to_string(),
            step.thread.clone(),
            place.filter(|_| code.is_some()).unwrap_or_default(),
            cut(&step.what),
            code.map_or(String::new(), |code| code.trim().replacen(FRONT, "", 1)),
        ]);
    }
    let mut text = align(&rows);
    let printed = shown.printed.trim_end();
    if !printed.is_empty() {
        let _ = writeln!(text, "=> printed: {}", cut(&printed.replace('\n', " | ")));
    }
    let _ = writeln!(text, "=> it {}", what(&shown.seen, names));
    text
}

/// A line of a file, with those around it.
pub fn excerpt(file: &str, line: u32) -> String {
    let source = std::fs::read_to_string(file).unwrap_or_default();
    let lines = source.lines().take_while(|line| !line.contains(BACK));
    let lines: Vec<_> = lines.map(|line| line.replacen(FRONT, "", 1)).collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    text::excerpt(1, &lines, line as usize, 1)
}

/// What a search has found.
#[derive(Serialize)]
pub struct Searched {
    /// What is counted: schedules, or executions.
    unit: &'static str,
    schedules: u64,
    complete: bool,
    /// Loops that see the same again and again wait for a change.
    waited: bool,
    threads: usize,
    steps: usize,
    ends: Vec<End>,
    shortest: Vec<Shortest>,
}

#[derive(Serialize)]
struct End {
    bad: bool,
    what: String,
    printed: String,
    count: u64,
    schedule: String,
}

/// A shortest schedule of a kind of ends that are bad, or were not reached.
#[derive(Serialize)]
struct Shortest {
    bad: bool,
    kind: String,
    schedule: String,
    steps: usize,
    table: String,
}

impl Searched {
    pub fn new(
        report: &Report,
        reduced: bool,
        bad: &[(String, String, Replay)],
        names: &[Name],
    ) -> Self {
        let ends = ends(report).into_iter().map(|((seen, printed), way)| End {
            bad: seen.is_bad(),
            what: what(seen, names),
            printed: printed.clone(),
            count: way.count,
            schedule: crate::run::write_schedule(&way.schedule),
        });
        let shortest = bad.iter().map(|(kind, schedule, shown)| Shortest {
            bad: shown.seen.is_bad(),
            kind: kind.clone(),
            schedule: schedule.clone(),
            steps: shown.steps.len(),
            table: table(shown, names),
        });
        let (threads, steps) = size(report);
        Self {
            unit: unit(report, reduced),
            schedules: report.found.schedules,
            complete: report.complete,
            waited: report.waited,
            threads,
            steps,
            ends: ends.collect(),
            shortest: shortest.collect(),
        }
    }
}

/// One schedule.
#[derive(Serialize)]
pub struct Shown {
    bad: bool,
    what: String,
    printed: String,
    table: String,
}

impl Shown {
    pub fn new(shown: &Replay, names: &[Name]) -> Self {
        Self {
            bad: shown.seen.is_bad(),
            what: what(&shown.seen, names),
            printed: shown.printed.clone(),
            table: table(shown, names),
        }
    }
}
