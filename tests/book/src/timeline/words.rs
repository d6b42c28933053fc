//! A recording in words: for readers who cannot see the drawing, and for each bar.

use std::fmt::Write as _;

use super::recording::{Act, Part, Recording};
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
        words += "</ul></li>\n";
    }
    words + "</ul>\n"
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
