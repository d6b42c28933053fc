//! The timeline as text: one row per lane, time from left to right.

use std::time::Duration;

use crate::lane::{Kind, Recorded, Recording};
use crate::pretty::pretty;

/// The widest line of a chart, in characters.
const WIDTH: usize = 80;
/// The widest name of a lane; a longer one is cut.
const NAME: usize = 14;
/// The most lanes that are drawn; the others are counted.
const LANES: usize = 16;

impl Kind {
    /// The character a bar of this kind is made of, its colour as an ANSI code, and its
    /// words in the legend.
    fn look(self) -> (char, &'static str, &'static str) {
        match self {
            Kind::Working => ('█', "32", "working"),
            Kind::Waiting => ('─', "36", "waiting"),
            Kind::Holding => ('▒', "33", "holding a lock"),
            Kind::Blocked => ('×', "31", "waiting for a lock"),
        }
    }
}

/// The chart of a recording, as wide as a line, which stands for `total`; empty if nothing was
/// recorded. A lesson ends with its own.
pub fn chart(recording: &Recording, total: Duration, colour: bool) -> String {
    if recording.spans.is_empty() || total.is_zero() {
        return String::new();
    }
    let names = recording.lanes.iter().map(|name| name.chars().count());
    let name_width = names.max().unwrap_or(0).clamp("timeline".len(), NAME);
    let columns = WIDTH - name_width - 2;
    let column = |time: Duration| {
        let share = time.as_secs_f64() / total.as_secs_f64();
        ((share * columns as f64) as usize).min(columns - 1)
    };

    let mut chart = format!("{:name_width$}  ", "timeline");
    chart.push_str(&axis(recording, &pretty(total), columns, column));
    for (row, name) in recording.lanes.iter().enumerate().take(LANES) {
        let name: String = name.chars().take(name_width).collect();
        chart.push_str(&format!("\n{name:name_width$}  "));
        let mut spans: Vec<_> = recording.spans.iter().filter(|s| s.row == row).collect();
        spans.sort_by_key(|span| span.start);
        chart.push_str(&bars(&spans, columns, column, colour));
    }
    if let more @ 1.. = recording.lanes.len().saturating_sub(LANES) {
        chart.push_str(&format!("\nand {more} more"));
    }
    chart + &format!("\n{:name_width$}  ", "") + &legend(recording, colour)
}

/// The numbers of the acts above the moments at which they began, the total at the right.
fn axis(
    recording: &Recording,
    total: &str,
    columns: usize,
    column: impl Fn(Duration) -> usize,
) -> String {
    let mut axis = vec![' '; columns];
    for (act, (start, _)) in (1..).zip(&recording.acts) {
        write_at(&mut axis, column(*start), &format!("{act}"));
    }
    let total = format!(" {total}");
    write_at(&mut axis, columns - total.chars().count(), &total);
    axis.into_iter().collect()
}

/// One lane: of several spans in a column the one that began last is drawn, so that
/// an inner span shows on top of the outer one.
fn bars(
    spans: &[&Recorded],
    columns: usize,
    column: impl Fn(Duration) -> usize,
    colour: bool,
) -> String {
    let mut drawn = vec![None; columns];
    for (index, span) in spans.iter().enumerate() {
        let first = column(span.start);
        let end = span.end.map_or(columns, &column);
        drawn[first..end.max(first + 1)].fill(Some(index));
    }
    let mut previous = None;
    let runs = drawn.chunk_by(|a, b| a == b).map(|run| {
        let kind = run[0].map(|index| spans[index].kind);
        let stroke = kind == previous;
        previous = kind;
        match run[0] {
            None => " ".repeat(run.len()),
            Some(index) => bar(spans[index], run.len(), stroke, colour),
        }
    });
    runs.collect::<String>().trim_end().to_owned()
}

/// So many columns of one span, with its name where there is room, and with a stroke
/// where it begins if that would not be seen otherwise.
fn bar(span: &Recorded, length: usize, stroke: bool, colour: bool) -> String {
    let (fill, code, _) = span.kind.look();
    let mut bar = vec![fill; length];
    if stroke {
        bar[0] = '│';
    }
    if length >= span.name.chars().count() + 4 && !span.name.is_empty() {
        write_at(&mut bar, 1, &format!(" {} ", span.name));
    }
    paint(bar.into_iter().collect(), code, colour)
}

/// The kinds that the chart shows, in the order of [`Kind`].
fn legend(recording: &Recording, colour: bool) -> String {
    let kinds = [Kind::Working, Kind::Waiting, Kind::Holding, Kind::Blocked];
    let used = kinds
        .iter()
        .filter(|kind| recording.spans.iter().any(|span| span.kind == **kind));
    let entries = used.map(|kind| {
        let (fill, code, words) = kind.look();
        format!(
            "{} {words}",
            paint(fill.to_string().repeat(2), code, colour)
        )
    });
    entries.collect::<Vec<_>>().join("   ")
}

fn write_at(line: &mut [char], start: usize, text: &str) {
    for (cell, character) in line[start..].iter_mut().zip(text.chars()) {
        *cell = character;
    }
}

fn paint(text: String, code: &str, colour: bool) -> String {
    if colour {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn span(row: usize, kind: Kind, start: u32, end: Option<u32>) -> Recorded {
        Recorded {
            row,
            kind,
            name: "pays".into(),
            start: SECOND * start,
            end: end.map(|end| SECOND * end),
        }
    }

    fn recording() -> Recording {
        Recording {
            lanes: vec!["till 1".into(), "till 2".into()],
            spans: vec![
                span(0, Kind::Waiting, 0, Some(2)),
                span(1, Kind::Blocked, 0, Some(2)),
                span(1, Kind::Holding, 2, None),
            ],
            acts: vec![(Duration::ZERO, "One".into()), (2 * SECOND, "Two".into())],
            ..Recording::default()
        }
    }

    #[test]
    fn one_sees_who_waits_and_who_holds() {
        let chart = chart(&recording(), 4 * SECOND, false);
        let lines: Vec<_> = chart.lines().collect();
        let half = |fill: &str| format!("{fill} pays {}", fill.repeat(28));
        assert_eq!(lines[0].trim_end().len(), WIDTH);
        assert_eq!(lines[1], format!("till 1    {}", half("─")));
        assert_eq!(lines[2], format!("till 2    {}{}", half("×"), half("▒")));
        assert!(lines[3].ends_with("▒▒ holding a lock   ×× waiting for a lock"));
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
    }

    #[test]
    fn the_shortest_span_is_seen_and_the_longest_name_is_cut() {
        let mut recording = recording();
        recording.lanes[0] = "a name that is far too long".into();
        recording.spans[0].end = Some(Duration::ZERO);
        let chart = chart(&recording, 4 * SECOND, false);
        assert!(chart.contains("\na name that is  ─\n"), "{chart}");
        assert!(chart.lines().all(|line| line.chars().count() <= WIDTH));
    }

    #[test]
    fn lanes_without_number_are_a_few_rows() {
        let mut recording = recording();
        recording.lanes = (0..5000).map(|lane| lane.to_string()).collect();
        let chart = chart(&recording, 4 * SECOND, false);
        assert_eq!(chart.lines().count(), 1 + LANES + 2);
        assert!(chart.contains("\nand 4984 more\n"), "{chart}");
    }

    #[test]
    fn colour_only_when_asked_for() {
        assert!(!chart(&recording(), SECOND, false).contains('\x1b'));
        assert!(chart(&recording(), SECOND, true).contains("\x1b[31m×"));
    }

    #[test]
    fn nothing_recorded_is_no_chart() {
        assert_eq!(chart(&Recording::default(), SECOND, false), "");
    }
}
