//! A recording in words: for readers who cannot see the drawing, and for each bar.

use std::fmt::Write as _;

use super::recording::{Act, Handed, Part, Recording};
use super::times::time;
use crate::html::escape;
use crate::tongue::Tongue;

/// Act by act, lane by lane.
pub(super) fn words(recording: &Recording) -> String {
    let tongue = recording.tongue;
    let mut words = String::from("<ul>\n");
    for act in &recording.acts {
        words += "<li>";
        words += &escape(&act.title);
        if recording.longest_part(act).is_none() {
            words += tongue.say(": nothing is drawn");
            words += "</li>\n";
            continue;
        }
        words += "\n<ul>\n";
        for lane in &recording.lanes {
            let parts = recording.parts(lane, act);
            if parts.is_empty() {
                continue;
            }
            let runs = parts.chunk_by(|part, next| part.span.is_like(next.span));
            let phrases: Vec<_> = runs.map(|run| phrase(run, act, tongue)).collect();
            let said = lane_says(&lane.name, &phrases.join(tongue.say("; ")), tongue);
            let _ = writeln!(words, "<li>{said}</li>");
        }
        let handed = recording.handed(act);
        let phrases: Vec<_> = match handed.len() {
            0..=9 => handed
                .iter()
                .map(|one| handed_over(recording, one, act))
                .collect(),
            many => vec![tongue.fill(
                "handed over {many} times: {name}",
                &[
                    ("many", &many.to_string()),
                    ("name", &escape(&handed[0].name)),
                ],
            )],
        };
        for phrase in phrases {
            let _ = writeln!(words, "<li>{phrase}</li>");
        }
        for name in recording.value_names() {
            let values = recording.values(name, act).into_iter();
            let values: Vec<_> = values
                .map(|(at, value)| {
                    let (value, at) = (value.to_string(), time(at, act.length()));
                    tongue.fill("{value} at {time}", &[("value", &value), ("time", &at)])
                })
                .collect();
            if !values.is_empty() {
                let said = lane_says(name, &values.join(tongue.say(", ")), tongue);
                let _ = writeln!(words, "<li>{said}</li>");
            }
        }
        words += "</ul></li>\n";
    }
    words + "</ul>\n"
}

/// What a lane does, or which values there are, behind the name.
pub(super) fn lane_says(name: &str, words: &str, tongue: Tongue) -> String {
    tongue.fill(
        "{lane}: {words}",
        &[("lane", &escape(name)), ("words", words)],
    )
}

/// An arrow.
pub(super) fn handed_over(recording: &Recording, handed: &Handed, act: &Act) -> String {
    let [from, to] = [handed.from, handed.to].map(|(lane, _)| escape(&recording.lanes[lane].name));
    recording.tongue.fill(
        "{name}: from {from} to {to} at {time}",
        &[
            ("name", &escape(&handed.name)),
            ("from", &from),
            ("to", &to),
            ("time", &time(handed.to.1, act.length())),
        ],
    )
}

/// What a lane does in spans that are alike.
pub(super) fn phrase(parts: &[Part], act: &Act, tongue: Tongue) -> String {
    let span = parts[0].span;
    let does = tongue.say(span.kind.look().1);
    let what = match span.name.as_str() {
        "" => does.to_owned(),
        name => tongue.fill(
            "{name} ({does})",
            &[("name", &escape(name)), ("does", does)],
        ),
    };
    let time = |of: u64| time(of, act.length());
    let range = |part: &Part| {
        let start = match part.span.start < act.start {
            true => tongue.say("the act before").to_owned(),
            false => time(part.start),
        };
        let end = match part.span.end > act.end {
            true => tongue.say("the next act").to_owned(),
            false => time(part.end),
        };
        tongue.fill("from {start} to {end}", &[("start", &start), ("end", &end)])
    };
    if parts.len() <= 3 {
        let ranges: Vec<_> = parts.iter().map(range).collect();
        let ranges = ranges.join(tongue.say(", "));
        return tongue.fill("{what} {ranges}", &[("what", &what), ("ranges", &ranges)]);
    }
    let sum = parts.iter().map(|part| part.end - part.start).sum();
    tongue.fill(
        "{what} {many} times between {first} and {last}, {sum} in all",
        &[
            ("what", &what),
            ("many", &parts.len().to_string()),
            ("first", &time(parts[0].start)),
            ("last", &time(parts[parts.len() - 1].end)),
            ("sum", &time(sum)),
        ],
    )
}
