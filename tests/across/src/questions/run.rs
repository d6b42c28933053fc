//! What a run decides: its output, and the trace of the same run.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use regex_lite::{Captures, Regex};
use serde_json::Value;

use super::{Answer, Data, Row, rows};
use crate::outputs::Varies;

/// Two times that are nearer to each other than this part of the longer one may be the other way
/// round in the next run, and so may two that are nearer than these seconds.
const CLEAR: (f64, f64) = (0.1, 0.02);

fn clear(one: f64, other: f64) -> bool {
    (one - other).abs() > (one.max(other) * CLEAR.0).max(CLEAR.1)
}

/// Of two times, the shorter one is this part of the longer one, and one cannot say whether both
/// are the same.
const AS_LONG: RangeInclusive<f64> = 0.75..=0.9;

/// An act in the output.
struct Act {
    lines: Vec<String>,
    seconds: f64,
}

impl Act {
    /// What the act has measured, by the words in front of it, in seconds.
    fn times(&self) -> BTreeMap<String, f64> {
        let row = Regex::new(r"^(.*\S) {2,}(\d+\.\d+) (s|ms|µs)$").expect("a pattern");
        let rows = self.lines.iter().filter_map(|line| row.captures(line));
        rows.map(|row| (row[1].to_owned(), seconds(&row[2], &row[3])))
            .collect()
    }
}

fn seconds(number: &str, unit: &str) -> f64 {
    let unit = match unit {
        "s" => 1.0,
        "ms" => 1e-3,
        _ => 1e-6,
    };
    number.parse().unwrap_or(0.0) * unit
}

/// "How long does act 2 take?": one of the times of the acts, or what it would take if no two
/// lanes worked at once, or all of them.
pub(super) fn time(data: &Data, words: &Captures) -> Answer {
    let acts = acts(data)?;
    let act = acts.get(&words[1]).ok_or("there is no such act")?;
    let spans: Vec<_> = spans(data, &words[1])?
        .into_iter()
        .filter(|span| span.kind != "blocked")
        .collect();
    let lanes = lanes(&spans).len() as f64;
    let lasts = spans.iter().map(|span| span.end - span.start);
    let (sum, longest) = (lasts.clone().sum::<f64>(), lasts.fold(0.0, f64::max));
    let mut all: Vec<_> = acts.values().map(|act| act.seconds).collect();
    all.extend([sum, longest, longest * lanes]);
    Ok((times_around(act.seconds, all), String::new()))
}

/// A time among others, without those that are too near to it.
fn times_around(right: f64, mut all: Vec<f64>) -> Vec<Row> {
    all.retain(|seconds| *seconds >= 0.1);
    all.sort_by(f64::total_cmp);
    let shown = |seconds: &f64| format!("{seconds:.1} s");
    all.retain(|other| shown(other) == shown(&right) || clear(*other, right));
    rows(all.iter().map(shown), |row| row == shown(&right))
}

/// "How long does `on ten threads` take in act 3?": a time among those of the act's rows, and those
/// of the acts.
pub(super) fn time_of_row(data: &Data, words: &Captures) -> Answer {
    let acts = acts(data)?;
    let times = acts.get(&words[2]).ok_or("there is no such act")?.times();
    let right = *times.get(&words[1]).ok_or("the act has no such row")?;
    let others = acts.values().map(|act| act.seconds);
    let all = times.into_values().chain(others);
    Ok((times_around(right, all.collect()), String::new()))
}

/// "Which of these take as long as `one by one` in act 3?": the other rows of the act.
pub(super) fn as_long(data: &Data, words: &Captures) -> Answer {
    let acts = acts(data)?;
    let mut times = acts.get(&words[2]).ok_or("there is no such act")?.times();
    let time = times.remove(&words[1]).ok_or("the act has no such row")?;
    let part = |other: f64| time.min(other) / time.max(other);
    if let Some((row, _)) = times
        .iter()
        .find(|(_, other)| AS_LONG.contains(&part(**other)))
    {
        return Err(format!("'{row}' takes neither as long nor another time"));
    }
    let right = |row: &str| part(times[row]) > *AS_LONG.end();
    Ok((rows(times.keys(), right), String::new()))
}

/// "Which of these lines does act 4 print first?"
pub(super) fn prints(data: &Data, words: &Captures) -> Answer {
    let acts = acts(data)?;
    let act = acts.get(&words[1]).ok_or("there is no such act")?;
    let number = words[1].parse().unwrap_or(0);
    let varies = Varies::new(data.varies);
    if varies.order(number) || varies.whole(number) || varies.numbers(number) {
        return Err("that differs from run to run".to_owned());
    }
    let line = match &words[2] {
        "first" => act.lines.first(),
        _ => act.lines.last(),
    };
    let line = line.ok_or("the act prints nothing")?;
    let mut all = act.lines.clone();
    all.sort();
    Ok((rows(&all, |row| row == line), String::new()))
}

/// "Which of the two finishes first in act 2, and why?": the lane whose last span ends first.
pub(super) fn finishes_first(data: &Data, words: &Captures) -> Answer {
    acts(data)?;
    let lanes = lanes(&spans(data, &words[1])?);
    let mut ends: Vec<_> = lanes.iter().map(|(name, end)| (*end, name)).collect();
    ends.sort_by(|one, other| one.0.total_cmp(&other.0));
    let [(first, name), (second, _), ..] = ends[..] else {
        return Err("fewer than two have a row there".to_owned());
    };
    if !clear(first, second) {
        return Err(format!("{first:.2} s and {second:.2} s are too near"));
    }
    let fact = ends.iter().map(|(end, name)| format!("{name}: {end:.1} s"));
    let fact = fact.collect::<Vec<_>>().join(", ");
    Ok((rows(lanes.keys(), |row| row == name.as_str()), fact))
}

/// The acts of the output, by their numbers.
fn acts(data: &Data) -> Result<BTreeMap<String, Act>, String> {
    if !data.body.starts_with("$ cargo run ") {
        return Err("the block is no output of a lesson".to_owned());
    }
    let act = Regex::new(r"(?m)^(\d+)\. .*\n((?:   .*\n)*?)   => .* \((\d+\.?\d*) (s|ms|µs)\)$")
        .expect("a pattern");
    let acts = act.captures_iter(data.body).map(|act| {
        let lines = act[2].lines().map(|line| line.trim().to_owned()).collect();
        let seconds = seconds(&act[3], &act[4]);
        (act[1].to_owned(), Act { lines, seconds })
    });
    Ok(acts.collect())
}

/// What a lane does for a while, in seconds from the start of the act.
struct Span {
    lane: String,
    kind: String,
    start: f64,
    end: f64,
}

/// The last end of each lane.
fn lanes(spans: &[Span]) -> BTreeMap<String, f64> {
    let mut lanes = BTreeMap::new();
    for span in spans {
        let end = lanes.entry(span.lane.clone()).or_insert(span.end);
        *end = end.max(span.end);
    }
    lanes
}

/// The spans that begin in this act.
fn spans(data: &Data, act: &str) -> Result<Vec<Span>, String> {
    let trace = data.trace.ok_or("no trace was recorded")?;
    let events = trace["traceEvents"].as_array().ok_or("no events")?;
    let time = |value: &Value| value.as_f64().unwrap_or(0.0) / 1e6;
    let mut acts = events.iter().filter(|event| event["ph"] == "i");
    let title = format!("{act}. ");
    let named = |event: &&Value| {
        event["name"]
            .as_str()
            .is_some_and(|it| it.starts_with(&title))
    };
    let start = acts.find(named).ok_or("there is no such act")?;
    let start = time(&start["ts"]);
    let end = acts.next().map_or(f64::MAX, |next| time(&next["ts"]));
    let name = |lane: &Value| {
        let names = |event: &&Value| event["name"] == "thread_name" && &event["tid"] == lane;
        let event = events.iter().find(names)?;
        event["args"]["name"].as_str().map(str::to_owned)
    };
    let spans = events.iter().filter(|event| event["ph"] == "X");
    let spans = spans.filter(|span| (start..end).contains(&time(&span["ts"])));
    let spans = spans.map(|span| {
        Ok(Span {
            lane: name(&span["tid"]).ok_or("a lane without a name")?,
            kind: span["cat"].as_str().unwrap_or_default().to_owned(),
            start: time(&span["ts"]) - start,
            end: time(&span["ts"]) - start + time(&span["dur"]),
        })
    });
    spans.collect()
}
