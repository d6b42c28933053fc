//! The table: on the screen, as Markdown and as JSON.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};

use serde_json::{Value, json};

use across::root;

use crate::measure::{Machine, Measured};
use crate::rows::{Better, Goal, Role};

/// What stands around the table in `docs/measured.md`.
const BEGIN: &str = "<!-- made by just bench --docs -->";
const END: &str = "<!-- end -->";

/// A line of the table, made out.
struct Line {
    lesson: &'static str,
    name: &'static str,
    unit: &'static str,
    python: Option<Median>,
    rust: Median,
    baseline: Option<Median>,
    peers: Vec<(&'static str, Median)>,
    /// How many times as good as Python.
    ratio: Option<f64>,
    /// The share of the baseline that is reached.
    share: Option<f64>,
    goal: String,
    met: bool,
}

/// The median of some rounds, the fewest and the most.
#[derive(Clone, Copy)]
struct Median {
    middle: f64,
    least: f64,
    most: f64,
}

impl Median {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self {
            middle: values[values.len() / 2],
            least: values[0],
            most: values[values.len() - 1],
        }
    }
}

/// Prints the table, and writes it to `target/bench`; if wanted, to `docs/measured.md`, too.
pub fn write(machine: &Machine, results: &[Measured], docs: bool) -> Result<(), Box<dyn Error>> {
    let lines: Vec<Line> = results.iter().map(line).collect::<Result<_, _>>()?;
    let mut output = io::stdout().lock();
    for line in &machine.lines {
        writeln!(output, "{line}")?;
    }
    write!(output, "\n{}", table(&lines))?;
    let missed: Vec<_> = lines.iter().filter(|line| !line.met).collect();
    writeln!(
        output,
        "\n{} of {} goals met",
        lines.len() - missed.len(),
        lines.len()
    )?;

    let folder = root().join("target/bench");
    let told = |error: io::Error| format!("cannot write to {}: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(told)?;
    let table = markdown(machine, &lines);
    fs::write(folder.join("results.md"), &table).map_err(told)?;
    if docs {
        let page = root().join("docs/measured.md");
        let text = fs::read_to_string(&page)?;
        let (before, rest) = text
            .split_once(BEGIN)
            .ok_or("docs/measured.md has no place for it")?;
        let (_, after) = rest
            .split_once(END)
            .ok_or("docs/measured.md has no end of it")?;
        fs::write(page, format!("{before}{BEGIN}\n{table}\n{END}{after}"))?;
    }
    let rows: Vec<Value> = lines.iter().map(|line| as_json(machine, line)).collect();
    let json = serde_json::to_string_pretty(&rows)?;
    fs::write(folder.join("results.json"), json + "\n").map_err(told)?;
    writeln!(output, "also in target/bench/results.md and results.json")?;
    Ok(())
}

fn line(measured: &Measured) -> Result<Line, String> {
    let row = measured.row;
    let side = |role: Role| {
        let side = measured.sides.iter().find(|side| side.0 == role);
        side.map(|(_, values)| Median::of(values.clone()))
    };
    let rust = side(Role::Rust).ok_or_else(|| format!("'{}' was not measured", row.name))?;
    let (python, baseline) = (side(Role::Python), side(Role::Baseline));
    let peers = measured
        .sides
        .iter()
        .filter_map(|(role, values)| match role {
            Role::Peer(name) => Some((*name, Median::of(values.clone()))),
            _ => None,
        });
    let peers: Vec<_> = peers.collect();
    let times_as_good = |other: Median| match row.better {
        Better::Less => other.middle / rust.middle,
        Better::More => rust.middle / other.middle,
    };
    let (ratio, share) = (python.map(times_as_good), baseline.map(times_as_good));
    let met = row.goals.iter().all(|goal| match *goal {
        Goal::TimesPython(times) => ratio.is_some_and(|ratio| ratio >= times),
        Goal::OfBaseline(part) => share.is_some_and(|share| share >= part),
        Goal::AtMost(most) => rust.middle <= most,
        Goal::AtLeast(least) => rust.middle >= least,
        Goal::Within(least, most) => (least..=most).contains(&rust.middle),
        Goal::AsPeers => peers.iter().all(|&(_, peer)| times_as_good(peer) >= 1.0),
    });
    let goals = row.goals.iter().map(|goal| match *goal {
        Goal::TimesPython(times) => format!("{times}x Python"),
        Goal::OfBaseline(part) if part < 0.3 => format!("{:.0}x the baseline at most", 1.0 / part),
        Goal::OfBaseline(part) => format!("{part} of the baseline"),
        Goal::AtMost(most) => format!("at most {most}"),
        Goal::AtLeast(least) => format!("at least {least}"),
        Goal::Within(least, most) => format!("{least}-{most}"),
        Goal::AsPeers => "as good as each peer".into(),
    });
    Ok(Line {
        lesson: measured.group,
        name: row.name,
        unit: row.unit,
        python,
        rust,
        baseline,
        peers,
        ratio,
        share,
        goal: goals.collect::<Vec<_>>().join(", "),
        met,
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

fn spread(median: Median) -> String {
    let Median {
        middle,
        least,
        most,
    } = median;
    if least < 0.0 {
        // A difference of two times that are alike: it is lost in their noise.
        return format!("not measurable (below {})", digits(most));
    }
    format!("{} ({}-{})", digits(middle), digits(least), digits(most))
}

/// In Markdown the peers are in the column of the baseline.
const HEAD: [&str; 8] = [
    "what",
    "unit",
    "Python",
    "Rust",
    "baseline",
    "ratio",
    "of baseline",
    "goal",
];

fn cells(line: &Line) -> [String; 8] {
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "-".into());
    let goal = match (line.goal.as_str(), line.met) {
        ("", _) => "-".into(),
        (goal, true) => format!("{goal}: met"),
        (goal, false) => format!("{goal}: MISSED"),
    };
    [
        format!("{}: {}", line.lesson, line.name),
        line.unit.to_owned(),
        or_none(line.python.map(spread)),
        spread(line.rust),
        or_none(line.baseline.map(spread)),
        or_none(line.ratio.map(|ratio| format!("{}x", digits(ratio)))),
        or_none(line.share.map(|share| format!("{share:.2}"))),
        goal,
    ]
}

fn table(lines: &[Line]) -> String {
    let rows: Vec<[String; 8]> = lines.iter().map(cells).collect();
    let head = HEAD.map(str::to_owned);
    let width = |column: usize| {
        let cells = rows
            .iter()
            .chain([&head])
            .map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let mut text = String::new();
    for (number, row) in [&head].into_iter().chain(&rows).enumerate() {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = width(column);
            // Words to the left, numbers to the right.
            if number == 0 || !(2..7).contains(&column) {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            }
        });
        let cells: Vec<_> = cells.collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
        if let Some(line) = number.checked_sub(1).map(|number| &lines[number]) {
            for (peer, median) in &line.peers {
                let _ = writeln!(text, "    {peer}: {}", spread(*median));
            }
        }
    }
    text
}

fn markdown(machine: &Machine, lines: &[Line]) -> String {
    let mut text = String::new();
    for line in &machine.lines {
        let _ = writeln!(text, "- {line}");
    }
    let _ = writeln!(text, "\n| {} |", HEAD.join(" | "));
    let _ = writeln!(text, "|{}", "---|".repeat(HEAD.len()));
    for line in lines {
        let mut cells = cells(line);
        for (peer, median) in &line.peers {
            let _ = write!(cells[4], "<br>{peer} {}", spread(*median));
        }
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

fn as_json(machine: &Machine, line: &Line) -> Value {
    let middle = |median: Option<Median>| median.map(|median| median.middle);
    let spread = |median: Option<Median>| median.map(|median| [median.least, median.most]);
    let peers = line
        .peers
        .iter()
        .map(|(name, median)| ((*name).to_owned(), json!(median.middle)));
    json!({
        "lesson": line.lesson,
        "name": line.name,
        "unit": line.unit,
        "python": middle(line.python),
        "python_spread": spread(line.python),
        "rust": line.rust.middle,
        "rust_spread": spread(Some(line.rust)),
        "baseline": middle(line.baseline),
        "peers": peers.collect::<serde_json::Map<_, _>>(),
        "ratio": line.ratio,
        "share_of_baseline": line.share,
        "goal": line.goal,
        "met": line.met,
        "machine": machine.lines,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Row;

    fn measured(
        goals: &'static [Goal],
        better: Better,
        python: f64,
        rust: f64,
        baseline: f64,
    ) -> Line {
        let row = Row {
            name: "work",
            value: "s",
            unit: "s",
            better,
            goals,
        };
        let side = |role, value: f64| (role, vec![value, value * 2.0, value / 2.0]);
        let sides = vec![
            side(Role::Python, python),
            side(Role::Rust, rust),
            side(Role::Baseline, baseline),
        ];
        let row = Box::leak(Box::new(row));
        let group = "race";
        line(&Measured { group, row, sides }).unwrap()
    }

    #[test]
    fn the_median_counts_and_the_spread_is_told() {
        let line = measured(&[], Better::Less, 8.0, 2.0, 1.0);
        assert_eq!(spread(line.rust), "2.00 (1.00-4.00)");
    }

    #[test]
    fn a_negative_time_is_not_measurable() {
        let noise = Median::of(vec![0.002, -0.003, 0.008]);
        assert_eq!(spread(noise), "not measurable (below 0.008)");
    }

    #[test]
    fn a_ratio_says_how_many_times_as_good() {
        let line = measured(&[], Better::Less, 8.0, 2.0, 1.0);
        assert_eq!((line.ratio, line.share), (Some(4.0), Some(0.5)));
        let line = measured(&[], Better::More, 2.0, 8.0, 16.0);
        assert_eq!((line.ratio, line.share), (Some(4.0), Some(0.5)));
    }

    #[test]
    fn all_goals_have_to_be_met() {
        let met = |goals| measured(goals, Better::Less, 8.0, 2.0, 1.0).met;
        assert!(met(&[Goal::TimesPython(4.0), Goal::OfBaseline(0.5)]));
        assert!(!met(&[Goal::TimesPython(4.1), Goal::OfBaseline(0.5)]));
        assert!(!met(&[Goal::TimesPython(4.0), Goal::OfBaseline(0.6)]));
        assert!(met(&[Goal::AtMost(2.0)]) && !met(&[Goal::AtMost(1.9)]));
        assert!(met(&[Goal::AtLeast(2.0)]) && !met(&[Goal::AtLeast(2.1)]));
        assert!(met(&[Goal::Within(1.0, 2.0)]) && !met(&[Goal::Within(2.1, 3.0)]));
    }

    #[test]
    fn a_row_in_json_has_all_that_is_promised() {
        let machine = Machine { lines: Vec::new() };
        let line = measured(&[Goal::TimesPython(3.0)], Better::Less, 8.0, 2.0, 1.0);
        let json = as_json(&machine, &line);
        let keys = "name python rust baseline unit ratio share_of_baseline goal met";
        for key in keys.split(' ') {
            assert!(!json[key].is_null(), "{key}: {json}");
        }
    }
}
