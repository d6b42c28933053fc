//! A recording in words: for readers who cannot see the drawing, and for each bar.

use std::fmt::Write as _;

use super::recording::{Act, Handed, Part, Recording};
use super::times::time;
use crate::html::escape;

/// Act by act, lane by lane.
pub(super) fn words(recording: &Recording) -> String {
    let mut words = String::from("<ul>\n");
    for act in &recording.acts {
        let _ = write!(words, "<li>{}", escape(&act.title));
        if recording.longest_part(act).is_none() {
            words += ": nothing is drawn</li>\n";
            continue;
        }
        words += "\n<ul>\n";
        for lane in &recording.lanes {
            let parts = recording.parts(lane, act);
            if parts.is_empty() {
                continue;
            }
            let runs = parts.chunk_by(|part, next| part.span.is_like(next.span));
            let phrases: Vec<_> = runs.map(|run| phrase(run, act)).collect();
            let _ = writeln!(
                words,
                "<li>{}: {}</li>",
                escape(&lane.name),
                phrases.join("; ")
            );
        }
        let handed = recording.handed(act);
        let phrases: Vec<_> = match handed.len() {
            0..=9 => handed
                .iter()
                .map(|one| handed_over(recording, one, act))
                .collect(),
            many => vec![format!(
                "handed over {many} times: {}",
                escape(&handed[0].name)
            )],
        };
        for phrase in phrases {
            let _ = writeln!(words, "<li>{phrase}</li>");
        }
        for name in recording.value_names() {
            let values = recording.values(name, act).into_iter();
            let values: Vec<_> = values
                .map(|(at, value)| format!("{value} at {}", time(at, act.length())))
                .collect();
            if !values.is_empty() {
                let _ = writeln!(words, "<li>{}: {}</li>", escape(name), values.join(", "));
            }
        }
        words += "</ul></li>\n";
    }
    words + "</ul>\n"
}

/// An arrow.
pub(super) fn handed_over(recording: &Recording, handed: &Handed, act: &Act) -> String {
    let [from, to] = [handed.from, handed.to].map(|(lane, _)| escape(&recording.lanes[lane].name));
    let at = time(handed.to.1, act.length());
    format!("{}: from {from} to {to} at {at}", escape(&handed.name))
}

/// What a lane does in spans that are alike.
pub(super) fn phrase(parts: &[Part], act: &Act) -> String {
    let span = parts[0].span;
    let does = span.kind.look().1;
    let what = match span.name.as_str() {
        "" => does.to_owned(),
        name => format!("{} ({does})", escape(name)),
    };
    let time = |of: u64| time(of, act.length());
    let range = |part: &Part| {
        let start = if part.span.start < act.start {
            "the act before".to_owned()
        } else {
            time(part.start)
        };
        let end = if part.span.end > act.end {
            "the next act".to_owned()
        } else {
            time(part.end)
        };
        format!("from {start} to {end}")
    };
    if parts.len() <= 3 {
        let ranges: Vec<_> = parts.iter().map(range).collect();
        return format!("{what} {}", ranges.join(", "));
    }
    let sum = parts.iter().map(|part| part.end - part.start).sum();
    let (first, last) = (&parts[0], &parts[parts.len() - 1]);
    format!(
        "{what} {} times between {} and {}, {} in all",
        parts.len(),
        time(first.start),
        time(last.end),
        time(sum)
    )
}
