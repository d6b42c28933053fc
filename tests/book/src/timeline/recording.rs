//! What a lesson or its Python version recorded (`LESSON_TRACE`): lanes with their spans, acts,
//! what was handed over, and values.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as KindError;

use crate::tongue::Tongue;

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Working,
    Waiting,
    Holding,
    Blocked,
}

impl Kind {
    /// Its class, what a thread does then, and its words in the legend, both in English.
    pub(super) fn look(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Kind::Working => ("working", "works", "working"),
            Kind::Waiting => ("waiting", "waits", "waiting"),
            Kind::Holding => ("holding", "holds a lock", "holding a lock"),
            Kind::Blocked => ("blocked", "waits for a lock", "waiting for a lock"),
        }
    }
}

/// The kind of a span, from its category.
fn kind(category: Option<String>) -> Result<Kind, Box<dyn Error>> {
    let category = category.ok_or("a span without a kind")?;
    let kind: Result<_, KindError> = Kind::deserialize(category.into_deserializer());
    Ok(kind?)
}

/// The file as it is, with all times in microseconds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    trace_events: Vec<Event>,
    other_data: Total,
}

#[derive(Deserialize)]
struct Total {
    total: u64,
}

#[derive(Deserialize)]
struct Event {
    ph: char,
    name: String,
    tid: usize,
    #[serde(default)]
    ts: u64,
    #[serde(default)]
    dur: u64,
    cat: Option<String>,
    id: Option<u64>,
    args: Option<Arguments>,
}

#[derive(Deserialize)]
struct Arguments {
    name: Option<String>,
    value: Option<i64>,
}

pub(super) struct Recording {
    /// The language in which it is drawn; what was recorded stays as it is.
    pub(super) tongue: Tongue,
    pub(super) lesson: String,
    pub(super) lanes: Vec<Lane>,
    pub(super) acts: Vec<Act>,
    handed: Vec<Handed>,
    values: Vec<Value>,
}

/// What one lane handed to another: the lanes by their places, and when at either end.
pub(super) struct Handed {
    pub(super) name: String,
    pub(super) from: (usize, u64),
    pub(super) to: (usize, u64),
}

/// What was read at a moment.
struct Value {
    name: String,
    time: u64,
    value: i64,
}

pub(super) struct Lane {
    pub(super) name: String,
    pub(super) spans: Vec<Span>,
}

pub(super) struct Span {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) start: u64,
    pub(super) end: u64,
    /// In how many others on the same lane it lies.
    pub(super) depth: usize,
}

impl Span {
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.kind, &self.name) == (other.kind, &other.name)
    }
}

#[derive(Clone)]
pub(super) struct Act {
    /// With its number.
    pub(super) title: String,
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Act {
    pub(super) fn length(&self) -> u64 {
        self.end - self.start
    }
}

/// The part of a span that lies within an act, from the act's start.
pub(super) struct Part<'a> {
    pub(super) span: &'a Span,
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Recording {
    pub(super) fn read(trace: &str, tongue: Tongue) -> Result<Self, Box<dyn Error>> {
        let trace: Trace = serde_json::from_str(trace)?;
        let total = trace.other_data.total;
        let mut recording = Self {
            tongue,
            lesson: String::new(),
            lanes: Vec::new(),
            acts: Vec::new(),
            handed: Vec::new(),
            values: Vec::new(),
        };
        // What is under way, by its id.
        let mut sent = BTreeMap::new();
        for event in trace.trace_events {
            let (name, value) = event
                .args
                .map_or((None, None), |args| (args.name, args.value));
            // Of a process as a whole, it is no lane's.
            let lane = event.tid.checked_sub(1);
            let lane = lane.filter(|&lane| lane < recording.lanes.len());
            match event.ph {
                'M' if event.name == "process_name" => {
                    recording.lesson = name.ok_or("a process without a name")?;
                }
                'M' if event.name == "thread_name" => recording.lanes.push(Lane {
                    name: name.ok_or("a lane without a name")?,
                    spans: Vec::new(),
                }),
                'i' => {
                    if let Some(before) = recording.acts.last_mut() {
                        before.end = event.ts;
                    }
                    recording.acts.push(Act {
                        title: event.name,
                        start: event.ts,
                        end: total,
                    });
                }
                'X' => {
                    let lane = lane.ok_or("a span without a lane")?;
                    let spans = &mut recording.lanes[lane].spans;
                    let around = spans.iter().filter(|other: &&Span| other.end > event.ts);
                    spans.push(Span {
                        kind: kind(event.cat)?,
                        name: event.name,
                        start: event.ts,
                        end: event.ts + event.dur,
                        depth: around.count(),
                    });
                }
                's' => {
                    let lane = lane.ok_or("handed over by no lane")?;
                    sent.insert(event.id, (lane, event.ts));
                }
                'f' => recording.handed.push(Handed {
                    name: event.name,
                    from: sent.remove(&event.id).ok_or("received, and not sent")?,
                    to: (lane.ok_or("handed over to no lane")?, event.ts),
                }),
                'C' => recording.values.push(Value {
                    name: event.name,
                    time: event.ts,
                    value: value.ok_or("a counter without a value")?,
                }),
                _ => {}
            }
        }
        Ok(recording)
    }

    /// What is handed over within an act, with the times from the act's start.
    pub(super) fn handed(&self, act: &Act) -> Vec<Handed> {
        let within = |(lane, time): (usize, u64)| {
            let inside = (act.start..=act.end).contains(&time);
            inside.then(|| (lane, time - act.start))
        };
        let handed = self.handed.iter().filter_map(|handed| {
            Some(Handed {
                name: handed.name.clone(),
                from: within(handed.from)?,
                to: within(handed.to)?,
            })
        });
        handed.collect()
    }

    /// The names of the values.
    pub(super) fn value_names(&self) -> BTreeSet<&str> {
        self.values.iter().map(|value| &*value.name).collect()
    }

    /// The values of this name in an act, each with the time from the act's start at which it
    /// was first read.
    pub(super) fn values(&self, name: &str, act: &Act) -> Vec<(u64, i64)> {
        let inside = self
            .values
            .iter()
            .filter(|value| value.name == name && (act.start..act.end).contains(&value.time));
        let mut values: Vec<_> = inside
            .map(|value| (value.time - act.start, value.value))
            .collect();
        values.dedup_by_key(|(_, value)| *value);
        values
    }

    /// What a lane does in an act. Threads do not stop in the very moment in which an act ends:
    /// a sliver of a span that belongs to the neighbouring act is left out, and what is too
    /// short to see.
    pub(super) fn parts<'a>(&self, lane: &'a Lane, act: &Act) -> Vec<Part<'a>> {
        let parts = lane.spans.iter().filter_map(|span| {
            let (start, end) = (span.start.max(act.start), span.end.min(act.end));
            let inside = end.checked_sub(start)?;
            let whole = inside == span.end - span.start;
            let least = act.length() / if whole { 10_000 } else { 50 };
            (inside > least).then(|| Part {
                span,
                start: start - act.start,
                end: end - act.start,
            })
        });
        parts.collect()
    }

    pub(super) fn all_parts<'a>(&'a self, act: &'a Act) -> impl Iterator<Item = Part<'a>> {
        self.lanes.iter().flat_map(|lane| self.parts(lane, act))
    }

    /// The longest part that an act has of any span; none if nothing is drawn of it.
    pub(super) fn longest_part(&self, act: &Act) -> Option<u64> {
        let parts = self.all_parts(act);
        parts.map(|part| part.end - part.start).max()
    }
}
