//! What `LESSON_TRACE` saves, of the lessons and of their Python versions.
//!
//! Perfetto reads a part of the Chrome JSON format (`perfetto.dev/docs/getting-started/other-formats`):
//! here are the fields that each kind of event needs in order to be shown, and no event has others.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use across::outputs::Varies;
use across::{lesson, python, root};
use serde_json::{Map, Value};

/// The lessons whose Python versions record more than their acts.
const RECORDED: [&str; 3] = ["race", "lock", "gil"];

fn python_version(lesson: &str) -> Command {
    let mut command = python();
    command.arg(format!("lessons/{lesson}/lesson.py"));
    command.env_remove("LESSON_TRACE");
    command
}

/// Runs it with LESSON_TRACE: what it printed and what it saved.
fn traced(mut command: Command) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace.json");
    let output = command.env("LESSON_TRACE", &trace).output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "nothing but the trace");
    let trace = fs::read_to_string(trace).unwrap();
    (String::from_utf8(output.stdout).unwrap(), trace)
}

/// The events of a trace, each with just the fields of its kind.
fn events(name: &str, trace: &str) -> Vec<Map<String, Value>> {
    let trace: Value = serde_json::from_str(trace).unwrap_or_else(|why| panic!("{name}: {why}"));
    let events = trace["traceEvents"].as_array().expect(name);
    assert!(trace["otherData"]["total"].is_u64(), "{name}");
    let events = events.iter().map(|event| {
        let event = event.as_object().expect(name).clone();
        let text = |field: &str| event[field].is_string();
        let number = |field: &str| event[field].is_u64();
        let (fields, right) = match event["ph"].as_str().expect(name) {
            "M" if event["name"] == "thread_sort_index" => {
                ("args", event["args"]["sort_index"].is_u64())
            }
            "M" => ("args", event["args"]["name"].is_string()),
            "i" => ("s ts", event["s"] == "g" && number("ts")),
            "X" => ("cat ts dur", text("cat") && number("ts") && number("dur")),
            "s" => ("cat id ts", text("cat") && number("id") && number("ts")),
            "f" => (
                "cat id ts bp",
                text("cat") && number("id") && number("ts") && event["bp"] == "e",
            ),
            "C" => ("ts args", number("ts") && event["args"]["value"].is_i64()),
            _ => panic!("{name}: no such kind of event: {event:?}"),
        };
        let right = right && text("name") && number("pid") && number("tid");
        assert!(right, "{name}: {event:?}");
        let fields = fields.split(' ').chain(["ph", "name", "pid", "tid"]);
        let mut fields: Vec<_> = fields.collect();
        fields.sort_unstable();
        let mut keys: Vec<_> = event.keys().collect();
        keys.sort_unstable();
        assert_eq!(keys, fields, "{name}");
        event
    });
    events.collect()
}

/// How many events of this kind, and of this name, there are.
fn count(events: &[Map<String, Value>], kind: &str, name: &str) -> usize {
    let same = |event: &&Map<String, Value>| event["ph"] == kind && event["name"] == name;
    events.iter().filter(same).count()
}

/// An arrow goes from a span to a span, and not back in time: else no tool would draw it.
fn check_flows(name: &str, events: &[Map<String, Value>]) {
    let time = |event: &Map<String, Value>, field: &str| event[field].as_u64().unwrap();
    let mut ends: BTreeMap<u64, Vec<_>> = BTreeMap::new();
    for event in events {
        if event["ph"] == "s" || event["ph"] == "f" {
            let in_span = events.iter().any(|span| {
                let moment = time(event, "ts");
                span["ph"] == "X"
                    && span["tid"] == event["tid"]
                    && (time(span, "ts")..=time(span, "ts") + time(span, "dur")).contains(&moment)
            });
            assert!(in_span, "{name}: {event:?} is in no span");
            ends.entry(time(event, "id")).or_default().push(event);
        }
    }
    for ends in ends.values() {
        let [start, end] = ends[..] else {
            panic!("{name}: {ends:?}");
        };
        assert!(start["ph"] == "s" && end["ph"] == "f", "{name}: {ends:?}");
        assert!(start["name"] == end["name"] && start["cat"] == end["cat"]);
        assert!(time(start, "ts") <= time(end, "ts"), "{name}: {ends:?}");
    }
}

#[test]
fn the_recordings_keep_to_what_perfetto_reads() {
    let files = fs::read_dir(root().join("docs/recordings")).unwrap();
    let mut traces = 0;
    for file in files {
        let file = file.unwrap().path();
        let name = file.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".trace.json") {
            let events = events(name, &fs::read_to_string(&file).unwrap());
            check_flows(name, &events);
            traces += 1;
        }
    }
    assert!(traces > 15, "{traces}");
}

#[test]
fn both_versions_record_the_lock_that_is_handed_on_and_the_balance_below_zero() {
    for command in [lesson("lock"), python_version("lock")] {
        let name = format!("{command:?}");
        let (_, trace) = traced(command);
        let events = events(&name, &trace);
        check_flows(&name, &events);
        assert!(count(&events, "f", "the lock") >= 1, "{name}: {trace}");
        assert!(trace.contains(r#"{"value":-120}"#), "{name}: {trace}");
    }
    for command in [lesson("race"), python_version("race")] {
        let name = format!("{command:?}");
        let (_, trace) = traced(command);
        let events = events(&name, &trace);
        // At the start of each act, and after each of the four withdrawals.
        assert_eq!(count(&events, "C", "balance"), 15, "{name}: {trace}");
        assert_eq!(count(&events, "X", "counts out 80"), 3, "{name}: {trace}");
    }
}

/// Six jobs, in each of three ways to ask the workers for them.
#[test]
fn each_job_of_the_pool_is_handed_to_the_worker_that_does_it() {
    let (_, trace) = traced(lesson("pool"));
    let events = events("pool", &trace);
    check_flows("pool", &events);
    let ends = |kind| events.iter().filter(move |event| event["ph"] == kind);
    assert_eq!((ends("s").count(), ends("f").count()), (18, 18), "{trace}");
    let begins = |flow: &Map<String, Value>| {
        let same = |span: &&Map<String, Value>| {
            span["ph"] == "X" && span["tid"] == flow["tid"] && span["ts"] == flow["ts"]
        };
        events.iter().any(|span| same(&span))
    };
    assert!(ends("f").all(begins), "{trace}");
    let here = &ends("s").next().unwrap()["tid"];
    assert!(ends("s").all(|event| &event["tid"] == here), "{trace}");
    assert!(ends("f").all(|event| &event["tid"] != here), "{trace}");
}

/// Two threads under the real GIL take turns. The spans of two turns overlap only by the steps
/// between two looks at the clock; so of the time in which both are at work, not much more than all
/// is covered, while two processes or plain threads would cover it twice.
#[test]
fn under_the_gil_turns_do_not_overlap() {
    let (_, trace) = traced(python_version("gil"));
    let events = events("gil", &trace);
    let has_gil = count(&events, "X", "a turn") > 0;
    if !has_gil {
        return; // A free-threaded Python.
    }
    let mut spans: Vec<_> = events
        .iter()
        .filter(|event| event["ph"] == "X" && event["name"] == "a turn")
        .map(|span| {
            let time = |field: &str| span[field].as_u64().unwrap();
            (time("ts"), time("ts") + time("dur"), time("tid"))
        })
        .collect();
    spans.sort_unstable();
    let switches = spans.windows(2).filter(|pair| pair[0].2 != pair[1].2);
    assert!(switches.count() > 20, "{trace}");
    let total: u64 = spans.iter().map(|(start, end, _)| end - start).sum();
    let both = spans
        .windows(2)
        .map(|pair| pair[0].1.saturating_sub(pair[1].0));
    let both: u64 = both.sum();
    assert!(both * 20 < total, "{both} of {total} µs are in two turns");
}

/// Every line, but for its times and numbers, and for which thread comes first.
#[test]
fn a_python_version_does_the_same_with_a_recording_and_without() {
    let varies = "the numbers in acts 1, 2, 3 and 4; act 5 as a whole";
    let lines = |output: &str| {
        // What a till is told depends on who comes first.
        let output = output.replace("refused", "paid");
        let output = Varies::new(varies).comparable(&output);
        let acts = output.split("\n\n").map(|act| {
            let mut lines: Vec<_> = act.lines().map(str::to_owned).collect();
            lines.sort_unstable();
            lines
        });
        acts.collect::<Vec<_>>()
    };
    for name in RECORDED {
        let output = python_version(name).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty());
        let plain = String::from_utf8(output.stdout).unwrap();
        let (recorded, _) = traced(python_version(name));
        assert_eq!(lines(&plain), lines(&recorded), "{name}");
    }
}

/// With tracing off there is nothing between a Python version and Python: the function that counts
/// is the very function, and no descriptor is open that would not be.
#[test]
fn without_lesson_trace_nothing_is_recorded() {
    let script = "
import os, sys
before = os.listdir('/dev/fd')
sys.path.insert(0, 'shared/timing')
import timing, recording
def count(n): pass
assert timing.turns(count) is count
with timing.Lane('till').waiting('pays'):
    timing.Lane('till').sends('a coin')
timing.Lane('till').receives('a coin')
timing.value('balance', lambda: 1 / 0)
recording.act('One')
recording.save()
assert not any([recording._lanes, recording._spans, recording._acts, recording._sent])
assert len(os.listdir('/dev/fd')) == len(before), os.listdir('/dev/fd')
print('nothing')
";
    let output = python()
        .env_remove("LESSON_TRACE")
        .args(["-c", script])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "nothing\n",
        "{output:?}"
    );
}

#[test]
fn a_trace_that_cannot_be_written_is_one_line() {
    for mut command in [lesson("race"), python_version("race")] {
        let file = Path::new("/no/such/folder/trace.json");
        command.env("LESSON_TRACE", file).stdin(Stdio::null());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("/no/such/folder/trace.json"), "{text}");
    }
}
