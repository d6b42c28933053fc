//! The table: on the screen, as Markdown and as JSON.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};

use serde_json::{Value, json};

use across::root;

use crate::measure::Measured;
use crate::rows::Role;
use crate::verdict::{Median, Verdict, best_peer, ratio};

/// What stands around the table in `docs/measured.md`.
const BEGIN: &str = "<!-- made by just bench --docs -->";
const END: &str = "<!-- end -->";

/// A line of the table, made out.
struct Line {
    lesson: &'static str,
    name: &'static str,
    unit: &'static str,
    pythons: Vec<Median>,
    rust: Median,
    baseline: Option<Median>,
    peers: Vec<(String, Median)>,
    /// How many times as good as the first Python.
    of_python: Option<Median>,
    /// How many times as good as the best peer.
    of_peer: Option<Median>,
    of_baseline: Option<Median>,
    goal: String,
    verdict: Verdict,
}

/// Prints the table, and writes it to `target/bench`; if wanted, to `docs/measured.md`, too.
pub fn write(machine: &[String], results: &[Measured], docs: bool) -> Result<(), Box<dyn Error>> {
    let lines: Vec<Line> = results.iter().map(line).collect::<Result<_, _>>()?;
    let mut output = io::stdout().lock();
    for line in machine {
        writeln!(output, "{line}")?;
    }
    write!(output, "\n{}", table(&lines))?;
    let count = |verdict| lines.iter().filter(|line| line.verdict == verdict).count();
    let words = [
        (Verdict::Met, "met"),
        (Verdict::Missed, "missed"),
        (Verdict::Close, "too close to tell"),
        (Verdict::Busy, "too busy to tell"),
    ];
    let counts = words.map(|(verdict, words)| format!("{} {words}", count(verdict)));
    writeln!(output, "\n{} rows: {}", lines.len(), counts.join(", "))?;

    let folder = root().join("target/bench");
    let told = |error: io::Error| format!("cannot write to {}: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(told)?;
    let table = markdown(machine, &lines);
    fs::write(folder.join("results.md"), &table).map_err(told)?;
    if docs {
        put(BEGIN, &table)?;
    }
    let rows: Vec<Value> = lines.iter().map(|line| as_json(machine, line)).collect();
    let json = serde_json::to_string_pretty(&rows)?;
    fs::write(folder.join("results.json"), json + "\n").map_err(told)?;
    writeln!(output, "also in target/bench/results.md and results.json")?;
    Ok(())
}

/// Puts this into `docs/measured.md`, in the place of what was made before.
pub fn put(begin: &str, made: &str) -> Result<(), Box<dyn Error>> {
    let page = root().join("docs/measured.md");
    let text = fs::read_to_string(&page)?;
    let place = || format!("docs/measured.md has no place for it: {begin} ... {END}");
    let (before, rest) = text.split_once(begin).ok_or_else(place)?;
    let (_, after) = rest.split_once(END).ok_or_else(place)?;
    fs::write(page, format!("{before}{begin}\n{made}\n{END}{after}"))?;
    Ok(())
}

fn line(measured: &Measured) -> Result<Line, String> {
    let Measured { row, sides, .. } = measured;
    let side = |role: Role| {
        let side = sides.iter().find(|side| side.0 == role);
        side.and_then(|(_, values)| Median::of(values.iter().copied()))
    };
    let rust = side(Role::Rust).ok_or_else(|| format!("'{}' was not measured", row.name))?;
    let peers = sides.iter().filter_map(|&(role, _)| match role {
        Role::Peer(name) => Some((name.to_owned(), side(role)?)),
        // It is shown, and no goal.
        Role::Without(name) => Some((format!("({name})"), side(role)?)),
        _ => None,
    });
    let times = row.python.map(|times| format!("{times}x Python"));
    let share = row.baseline.map(|share| format!("{share} of the baseline"));
    let peer = best_peer(row, sides);
    let beside = peer
        .filter(|_| row.peers)
        .map(|_| "not behind a peer".to_owned());
    let goals: Vec<_> = [times, share, beside].into_iter().flatten().collect();
    Ok(Line {
        lesson: measured.group,
        name: row.name,
        unit: row.unit,
        pythons: (0..)
            .map_while(|number| side(Role::Python(number)))
            .collect(),
        rust,
        baseline: side(Role::Baseline),
        peers: peers.collect(),
        of_python: ratio(row, sides, Role::Python(0)),
        of_peer: peer.and_then(|peer| ratio(row, sides, peer)),
        of_baseline: ratio(row, sides, Role::Baseline),
        goal: goals.join(", "),
        verdict: measured.verdict,
    })
}

/// Three digits that count.
fn digits(value: f64) -> String {
    match value.abs() {
        ..1.0 => format!("{value:.3}"),
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn figure(median: Median) -> String {
    if median.least < 0.0 {
        // A difference of two times that are alike: it is lost in their noise.
        return format!("below {}", digits(median.most));
    }
    digits(median.middle)
}

fn spread(ratio: Median) -> String {
    let Median {
        middle,
        least,
        most,
    } = ratio;
    if least < 0.0 {
        return "-".into();
    }
    format!("{} ({}-{})", digits(middle), digits(least), digits(most))
}

const HEAD: [&str; 9] = [
    "what",
    "Python",
    "Rust",
    "peers",
    "baseline",
    "times Python",
    "times the best peer",
    "of baseline",
    "goal",
];

fn cells(line: &Line) -> [String; 9] {
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "-".into());
    let goal = match (line.goal.as_str(), line.verdict) {
        ("", _) => "-".into(),
        (goal, Verdict::Met) => format!("{goal}: met"),
        (goal, Verdict::Missed) => format!("{goal}: MISSED"),
        (goal, Verdict::Close) => format!("{goal}: too close to tell"),
        (goal, Verdict::Busy) => format!("{goal}: too busy to tell"),
    };
    let list = |figures: Vec<String>| Some(figures.join(", ")).filter(|list| !list.is_empty());
    let peers = line
        .peers
        .iter()
        .map(|(peer, median)| format!("{peer} {}", figure(*median)));
    [
        format!("{}: {}, {}", line.lesson, line.name, line.unit),
        or_none(list(line.pythons.iter().copied().map(figure).collect())),
        figure(line.rust),
        or_none(list(peers.collect())),
        or_none(line.baseline.map(figure)),
        or_none(line.of_python.map(spread)),
        or_none(line.of_peer.map(spread)),
        or_none(line.of_baseline.map(spread)),
        goal,
    ]
}

fn table(lines: &[Line]) -> String {
    let rows: Vec<[String; 9]> = lines.iter().map(cells).collect();
    let head = HEAD.map(str::to_owned);
    let width = |column: usize| {
        let cells = rows.iter().chain([&head]);
        cells
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let mut text = String::new();
    for row in [&head].into_iter().chain(&rows) {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = width(column);
            // Words to the left, numbers to the right.
            match column {
                0 | 3 | 8 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            }
        });
        let cells: Vec<_> = cells.collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}

fn markdown(machine: &[String], lines: &[Line]) -> String {
    let mut text = String::new();
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    let _ = writeln!(text, "\n| {} |", HEAD.join(" | "));
    let _ = writeln!(text, "|{}", "---|".repeat(HEAD.len()));
    for line in lines {
        let _ = writeln!(text, "| {} |", cells(line).join(" | "));
    }
    text
}

fn as_json(machine: &[String], line: &Line) -> Value {
    let of = |median: Median| json!([median.least, median.middle, median.most]);
    let peers = line
        .peers
        .iter()
        .map(|(name, median)| (name.clone(), of(*median)));
    json!({
        "lesson": line.lesson,
        "name": line.name,
        "unit": line.unit,
        "python": line.pythons.iter().copied().map(of).collect::<Vec<_>>(),
        "rust": of(line.rust),
        "baseline": line.baseline.map(of),
        "peers": peers.collect::<serde_json::Map<_, _>>(),
        "times_python": line.of_python.map(of),
        "times_best_peer": line.of_peer.map(of),
        "of_baseline": line.of_baseline.map(of),
        "goal": line.goal,
        "verdict": format!("{:?}", line.verdict).to_lowercase(),
        "machine": machine,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{Better, row};

    fn measured() -> Line {
        let row = row("work", "s", "s", Better::Less)
            .python(4.0)
            .baseline(0.5);
        let side = |role, value: f64| (role, vec![value; 5]);
        let sides = vec![
            side(Role::Python(0), 8.0),
            side(Role::Rust, 2.0),
            side(Role::Peer("other"), 3.0),
            side(Role::Without("other, without care"), 1.0),
            side(Role::Baseline, 1.0),
        ];
        let verdict = crate::verdict::verdict(&row, &sides);
        let row = Box::leak(Box::new(row));
        line(&Measured {
            group: "race",
            row,
            sides,
            verdict,
        })
        .unwrap()
    }

    #[test]
    fn a_line_has_all_figures_ratios_and_the_verdict() {
        let line = measured();
        let expected = "race: work, s | 8.00 | 2.00 | other 3.00, (other, without care) 1.00 | 1.00 | 4.00 (4.00-4.00) | 1.50 (1.50-1.50) \
            | 0.500 (0.500-0.500) | 4x Python, 0.5 of the baseline, not behind a peer: met";
        assert_eq!(cells(&line).join(" | "), expected);
        let rows = markdown(&[], &[line]);
        assert_eq!(rows.lines().last(), Some(&*format!("| {expected} |")));
    }

    #[test]
    fn a_difference_that_is_lost_in_noise_is_not_measurable() {
        let noise = Median::of([0.002, -0.003, 0.008]).unwrap();
        assert_eq!(
            (figure(noise).as_str(), spread(noise).as_str()),
            ("below 0.008", "-")
        );
    }

    #[test]
    fn a_row_in_json_has_all_that_is_promised() {
        let json = as_json(&[], &measured());
        let keys = "name python rust baseline unit peers times_python times_best_peer of_baseline goal verdict";
        for key in keys.split(' ') {
            assert!(!json[key].is_null(), "{key}: {json}");
        }
    }
}
