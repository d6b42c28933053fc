//! The timelines of an act, of both sides in one scale.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Seek};
use std::time::Duration;

use serde_json::Value;
use timing::{Kind, Recorded, Recording, chart};

/// The timeline that one side has recorded.
#[derive(Default)]
pub struct Trace {
    recording: Recording,
    total: Duration,
}

impl Trace {
    /// From the file that LESSON_TRACE named. One that is empty has no acts.
    pub fn read(file: &mut File) -> Result<Self, Box<dyn Error>> {
        let mut text = String::new();
        file.rewind()?;
        file.read_to_string(&mut text)?;
        if text.is_empty() {
            return Ok(Self::default());
        }
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, Box<dyn Error>> {
        let trace: Value = serde_json::from_str(text)?;
        let time = |value: &Value| value.as_u64().map(Duration::from_micros).ok_or("no time");
        let mut recording = Recording::default();
        for event in trace["traceEvents"].as_array().ok_or("no events")? {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            match (event["ph"].as_str(), event["name"].as_str()) {
                (Some("M"), Some("thread_name")) => {
                    recording.lanes.push(text(&event["args"]["name"]));
                }
                (Some("i"), Some(title)) => {
                    recording.acts.push((time(&event["ts"])?, title.to_owned()));
                }
                (Some("X"), Some(name)) => {
                    let kinds = [Kind::Working, Kind::Waiting, Kind::Holding, Kind::Blocked];
                    let named =
                        |kind: &Kind| text(&event["cat"]) == format!("{kind:?}").to_lowercase();
                    let start = time(&event["ts"])?;
                    recording.spans.push(Recorded {
                        row: event["tid"]
                            .as_u64()
                            .and_then(|tid| tid.checked_sub(1))
                            .ok_or("no lane")? as usize,
                        kind: kinds.into_iter().find(named).ok_or("no such kind")?,
                        name: name.to_owned().into(),
                        start,
                        end: Some(start + time(&event["dur"])?),
                    });
                }
                _ => {}
            }
        }
        Ok(Self {
            recording,
            total: time(&trace["otherData"]["total"])?,
        })
    }

    /// From when to when the act took place.
    fn act(&self, number: usize) -> Option<(Duration, Duration)> {
        let (start, _) = self.recording.acts.get(number)?;
        let next = self.recording.acts.get(number + 1);
        Some((*start, next.map_or(self.total, |(start, _)| *start)))
    }

    /// The lanes in use and their spans in an act, from its start. What ends or begins at the edge
    /// of the act, a fiftieth of it at the most, is of the act beside it.
    fn part(&self, (from, to): (Duration, Duration)) -> Recording {
        let mut part = Recording::default();
        for (row, lane) in self.recording.lanes.iter().enumerate() {
            let spans = self.recording.spans.iter().filter_map(|span| {
                let end = span.end.unwrap_or(self.total);
                let whole = span.start >= from && end <= to;
                let (start, end) = (span.start.max(from), end.min(to));
                let inside = end.checked_sub(start)?;
                (span.row == row && (whole || inside > (to - from) / 50)).then(|| Recorded {
                    row: part.lanes.len(),
                    kind: span.kind,
                    name: span.name.clone(),
                    start: start - from,
                    end: Some(end - from),
                })
            });
            let spans: Vec<_> = spans.collect();
            if !spans.is_empty() {
                part.lanes.push(lane.clone());
                part.spans.extend(spans);
            }
        }
        part
    }
}

/// The timelines of the act of this number, from 0 on; both are empty if a side has none.
pub fn of_act(sides: [&Trace; 2], number: usize) -> [String; 2] {
    let [Some(one), Some(other)] = sides.map(|side| side.act(number)) else {
        return Default::default();
    };
    let acts = [one, other];
    let length = acts.map(|(from, to)| to - from).into_iter().max();
    let parts = [sides[0].part(acts[0]), sides[1].part(acts[1])];
    let charts = parts.map(|part| chart(&part, length.unwrap_or_default(), false));
    match charts.iter().any(String::is_empty) {
        true => Default::default(),
        false => charts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(spans: &str, second: u32, total: u32) -> Trace {
        let text = format!(
            r#"{{"traceEvents":[
            {{"ph":"M","pid":1,"tid":0,"name":"process_name","args":{{"name":"lesson-x"}}}},
            {{"ph":"i","pid":1,"tid":0,"name":"1. One","s":"g","ts":0}},
            {{"ph":"i","pid":1,"tid":0,"name":"2. Two","s":"g","ts":{second}}},
            {{"ph":"M","pid":1,"tid":1,"name":"thread_name","args":{{"name":"till"}}}},
            {{"ph":"M","pid":1,"tid":2,"name":"thread_name","args":{{"name":"office"}}}}
            {spans}],"otherData":{{"total":{total}}}}}"#
        );
        Trace::parse(&text).unwrap()
    }

    fn span(lane: u32, kind: &str, start: u32, length: u32) -> String {
        format!(
            r#",{{"ph":"X","pid":1,"tid":{lane},"name":"","cat":"{kind}","ts":{start},"dur":{length}}}"#
        )
    }

    /// How many characters of a kind each line has.
    fn lengths(chart: &str, fill: char) -> Vec<usize> {
        chart
            .lines()
            .map(|line| line.matches(fill).count())
            .collect()
    }

    #[test]
    fn both_sides_have_one_scale() {
        let python = trace(&span(1, "working", 0, 2_000_000), 2_000_000, 2_000_000);
        let rust = trace(&span(1, "working", 0, 500_000), 500_000, 500_000);
        let [python, rust] = of_act([&python, &rust], 0);
        let [long, short] = [&python, &rust].map(|chart| lengths(chart, '█')[1]);
        assert_eq!((long, short), (69, 17), "{python}\n{rust}");
        assert!(
            python.contains("2.00 s\n") && rust.contains("2.00 s\n"),
            "{rust}"
        );
    }

    #[test]
    fn an_act_has_its_own_lanes_and_no_sliver_of_another() {
        let spans = span(1, "waiting", 0, 1_001_000) + &span(2, "holding", 1_000_500, 999_000);
        let trace = trace(&spans, 1_000_000, 2_000_000);
        let [first, _] = of_act([&trace, &trace], 0);
        assert!(
            first.contains("\ntill ") && !first.contains("office"),
            "{first}"
        );
        let [second, _] = of_act([&trace, &trace], 1);
        assert!(
            !second.contains("till") && second.contains("\noffice "),
            "{second}"
        );
        assert_eq!(of_act([&trace, &trace], 2), [String::new(), String::new()]);
    }

    #[test]
    fn where_one_side_has_no_spans_there_is_no_chart() {
        let whole = trace(&span(1, "working", 0, 500_000), 500_000, 500_000);
        let empty = trace("", 500_000, 500_000);
        assert_eq!(of_act([&empty, &whole], 0), [String::new(), String::new()]);
    }

    #[test]
    fn what_is_no_trace_is_an_error() {
        for text in ["", "{}", r#"{"traceEvents":[]}"#] {
            assert!(Trace::parse(text).is_err(), "{text}");
        }
        let kind = r#"{"traceEvents":[{"ph":"X","tid":1,"name":"","cat":"idle","ts":0,"dur":1}],"otherData":{"total":1}}"#;
        assert!(Trace::parse(kind).is_err());
    }
}
