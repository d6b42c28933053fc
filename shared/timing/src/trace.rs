//! The timeline as Chrome trace events: for Perfetto, chrome://tracing and other tools.

use std::time::Duration;

use crate::lane::{Recording, Value};

/// A JSON object with an event on each line: a process of that name with its lanes as threads,
/// the acts as instants, the spans as complete events, what was handed over as flows, values as
/// counters; all times are whole microseconds.
///
/// It is closed by its last line, with the total: a file that was cut does not parse.
pub(crate) fn trace(
    recording: &Recording,
    values: &[Value],
    total: Duration,
    process: &str,
) -> String {
    let name = |name: &str| format!(r#""args":{{"name":{}}}"#, string(name));
    let mut events = vec![event('M', "process_name", 0, &name(process))];
    for (number, (start, title)) in (1..).zip(&recording.acts) {
        let start = format!(r#""s":"g","ts":{}"#, start.as_micros());
        events.push(event('i', &format!("{number}. {title}"), 0, &start));
    }
    for (row, lane) in recording.lanes.iter().enumerate() {
        let place = format!(r#""args":{{"sort_index":{row}}}"#);
        events.push(event('M', "thread_name", row + 1, &name(lane)));
        events.push(event('M', "thread_sort_index", row + 1, &place));
        let mut spans: Vec<_> = recording.spans.iter().filter(|s| s.row == row).collect();
        spans.sort_by_key(|span| span.start);
        for span in spans {
            // The same instant is the same number, as an end and as a start.
            let (start, end) = (
                span.start.as_micros(),
                span.end.unwrap_or(total).as_micros(),
            );
            let duration = end.saturating_sub(start);
            let kind = format!("{:?}", span.kind).to_lowercase();
            let rest = format!(r#""cat":"{kind}","ts":{start},"dur":{duration}"#);
            events.push(event('X', &span.name, row + 1, &rest));
        }
    }
    for (id, handed) in (1..).zip(&recording.handed) {
        let ends = [('s', handed.from, ""), ('f', handed.to, r#","bp":"e""#)];
        for (phase, (row, time), binding) in ends {
            let time = time.as_micros();
            let rest = format!(r#""cat":"handed","id":{id},"ts":{time}{binding}"#);
            events.push(event(phase, &handed.name, row + 1, &rest));
        }
    }
    for (time, name, value) in values {
        let time = time.as_micros();
        let rest = format!(r#""ts":{time},"args":{{"value":{value}}}"#);
        events.push(event('C', name, 0, &rest));
    }
    let (events, total) = (events.join(",\n"), total.as_micros());
    format!("{{\"traceEvents\":[\n{events}\n],\"otherData\":{{\"total\":{total}}}}}\n")
}

fn event(phase: char, name: &str, lane: usize, rest: &str) -> String {
    let name = string(name);
    format!(r#"{{"ph":"{phase}","pid":1,"tid":{lane},"name":{name},{rest}}}"#)
}

/// Text as a string of JSON.
fn string(text: &str) -> String {
    let escaped = text.chars().map(|character| match character {
        '"' | '\\' => format!("\\{character}"),
        '\0'..='\x1f' => format!("\\u{:04x}", u32::from(character)),
        _ => character.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lane::{Handed, Kind, Recorded};

    #[test]
    fn lanes_acts_and_spans_are_events() {
        let micros = Duration::from_micros;
        let span = |row, kind, start, end| Recorded {
            row,
            kind,
            name: "pays".into(),
            start: micros(start),
            end,
        };
        let recording = Recording {
            lanes: vec!["till 1".into(), "the \"2nd\"".into()],
            spans: vec![
                span(1, Kind::Blocked, 5, None),
                span(0, Kind::Holding, 3, Some(micros(4))),
                span(1, Kind::Waiting, 0, Some(micros(5))),
            ],
            acts: vec![(micros(2), "C:\\ \n".into())],
            handed: vec![Handed {
                name: "a coin".into(),
                from: (0, micros(4)),
                to: (1, micros(6)),
            }],
            ..Recording::default()
        };
        let values = [(micros(7), "balance", -20)];
        let expected = r#"{"traceEvents":[
{"ph":"M","pid":1,"tid":0,"name":"process_name","args":{"name":"lesson-x"}},
{"ph":"i","pid":1,"tid":0,"name":"1. C:\\ \u000a","s":"g","ts":2},
{"ph":"M","pid":1,"tid":1,"name":"thread_name","args":{"name":"till 1"}},
{"ph":"M","pid":1,"tid":1,"name":"thread_sort_index","args":{"sort_index":0}},
{"ph":"X","pid":1,"tid":1,"name":"pays","cat":"holding","ts":3,"dur":1},
{"ph":"M","pid":1,"tid":2,"name":"thread_name","args":{"name":"the \"2nd\""}},
{"ph":"M","pid":1,"tid":2,"name":"thread_sort_index","args":{"sort_index":1}},
{"ph":"X","pid":1,"tid":2,"name":"pays","cat":"waiting","ts":0,"dur":5},
{"ph":"X","pid":1,"tid":2,"name":"pays","cat":"blocked","ts":5,"dur":4},
{"ph":"s","pid":1,"tid":1,"name":"a coin","cat":"handed","id":1,"ts":4},
{"ph":"f","pid":1,"tid":2,"name":"a coin","cat":"handed","id":1,"ts":6,"bp":"e"},
{"ph":"C","pid":1,"tid":0,"name":"balance","ts":7,"args":{"value":-20}}
],"otherData":{"total":9}}
"#;
        assert_eq!(trace(&recording, &values, micros(9), "lesson-x"), expected);
    }
}
