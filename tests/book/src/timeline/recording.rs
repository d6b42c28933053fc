//! What a lesson recorded (`LESSON_TRACE`): lanes with their spans, and acts.

use std::error::Error;

use serde::Deserialize;

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Working,
    Waiting,
    Holding,
    Blocked,
}

impl Kind {
    /// Its class, what a thread does then, and its words in the legend.
    pub(super) fn look(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Kind::Working => ("working", "works", "working"),
            Kind::Waiting => ("waiting", "waits", "waiting"),
            Kind::Holding => ("holding", "holds a lock", "holding a lock"),
            Kind::Blocked => ("blocked", "waits for a lock", "waiting for a lock"),
        }
    }
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
    cat: Option<Kind>,
    args: Option<Name>,
}

#[derive(Deserialize)]
struct Name {
    name: Option<String>,
}

pub(super) struct Recording {
    pub(super) lesson: String,
    pub(super) lanes: Vec<Lane>,
    pub(super) acts: Vec<Act>,
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
    pub(super) fn read(trace: &str) -> Result<Self, Box<dyn Error>> {
        let trace: Trace = serde_json::from_str(trace)?;
        let total = trace.other_data.total;
        let mut recording = Self {
            lesson: String::new(),
            lanes: Vec::new(),
            acts: Vec::new(),
        };
        for event in trace.trace_events {
            let name = event.args.and_then(|args| args.name);
            match (event.ph, event.cat) {
                ('M', _) if event.name == "process_name" => {
                    recording.lesson = name.ok_or("a process without a name")?;
                }
                ('M', _) if event.name == "thread_name" => recording.lanes.push(Lane {
                    name: name.ok_or("a lane without a name")?,
                    spans: Vec::new(),
                }),
                ('i', _) => {
                    if let Some(before) = recording.acts.last_mut() {
                        before.end = event.ts;
                    }
                    recording.acts.push(Act {
                        title: event.name,
                        start: event.ts,
                        end: total,
                    });
                }
                ('X', Some(kind)) => {
                    let lane = event.tid.checked_sub(1);
                    let lane = lane.and_then(|lane| recording.lanes.get_mut(lane));
                    let spans = &mut lane.ok_or("a span without a lane")?.spans;
                    let around = spans.iter().filter(|other: &&Span| other.end > event.ts);
                    spans.push(Span {
                        kind,
                        name: event.name,
                        start: event.ts,
                        end: event.ts + event.dur,
                        depth: around.count(),
                    });
                }
                _ => {}
            }
        }
        Ok(recording)
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
