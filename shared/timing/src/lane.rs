//! Recording who did what, when: named spans in named lanes.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a thread, process or task is busy with during a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Computing.
    Working,
    /// Asleep, or waiting for the outside world.
    Waiting,
    /// Holding a lock.
    Holding,
    /// Waiting for a lock that another one holds.
    Blocked,
}

/// One row of the timeline: a thread, process or task of the lesson.
///
/// Cheap to clone and to send to the thread or task that it stands for; a parent
/// keeps the lanes of its child processes itself.
#[derive(Clone)]
pub struct Lane {
    recorder: Arc<Recorder>,
    row: usize,
}

impl Lane {
    /// Begins a span of computing; it ends when the returned [`Span`] is dropped.
    pub fn working(&self, name: impl Into<Cow<'static, str>>) -> Span {
        self.begin(Kind::Working, name)
    }

    /// Begins a span of sleeping or waiting for the outside world.
    pub fn waiting(&self, name: impl Into<Cow<'static, str>>) -> Span {
        self.begin(Kind::Waiting, name)
    }

    /// Begins a span of holding a lock.
    pub fn holding(&self, name: impl Into<Cow<'static, str>>) -> Span {
        self.begin(Kind::Holding, name)
    }

    /// Begins a span of waiting for a lock.
    pub fn blocked(&self, name: impl Into<Cow<'static, str>>) -> Span {
        self.begin(Kind::Blocked, name)
    }

    /// Records a span that is already over, such as one that a child process reported.
    pub fn record(
        &self,
        kind: Kind,
        name: impl Into<Cow<'static, str>>,
        start: Instant,
        end: Instant,
    ) {
        self.recorder.lock().spans.push(Recorded {
            row: self.row,
            kind,
            name: name.into(),
            start: start.saturating_duration_since(self.recorder.start),
            end: Some(end.saturating_duration_since(self.recorder.start)),
        });
    }

    fn begin(&self, kind: Kind, name: impl Into<Cow<'static, str>>) -> Span {
        let name = name.into();
        let mut recording = self.recorder.lock();
        recording.spans.push(Recorded {
            row: self.row,
            kind,
            name,
            start: self.recorder.start.elapsed(),
            end: None,
        });
        Span {
            recorder: Arc::clone(&self.recorder),
            index: recording.spans.len() - 1,
        }
    }
}

/// A span of time that ends when this is dropped. One that never ends, as in a
/// deadlock, is drawn to the end of the chart.
#[must_use = "a span ends as soon as it is dropped"]
pub struct Span {
    recorder: Arc<Recorder>,
    index: usize,
}

impl Drop for Span {
    fn drop(&mut self) {
        let end = self.recorder.start.elapsed();
        self.recorder.lock().spans[self.index].end = Some(end);
    }
}

/// What one lesson recorded so far; all times count from `start`.
pub(crate) struct Recorder {
    pub(crate) start: Instant,
    recording: Mutex<Recording>,
}

#[derive(Default)]
pub(crate) struct Recording {
    pub(crate) lanes: Vec<String>,
    pub(crate) spans: Vec<Recorded>,
    /// When each act began, and its title.
    pub(crate) acts: Vec<(Duration, String)>,
}

pub(crate) struct Recorded {
    pub(crate) row: usize,
    pub(crate) kind: Kind,
    pub(crate) name: Cow<'static, str>,
    pub(crate) start: Duration,
    pub(crate) end: Option<Duration>,
}

impl Recorder {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            recording: Mutex::default(),
        })
    }

    /// The lane of this name: a new one, below the others, if there is none yet.
    pub(crate) fn lane(self: &Arc<Self>, name: &str) -> Lane {
        let lanes = &mut self.lock().lanes;
        let row = lanes.iter().position(|lane| lane == name);
        let row = row.unwrap_or_else(|| {
            lanes.push(name.to_owned());
            lanes.len() - 1
        });
        Lane {
            recorder: Arc::clone(self),
            row,
        }
    }

    /// A recording stays whole when a thread of the lesson panics: every change to
    /// it is a single push or assignment.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Recording> {
        self.recording
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_found_again_by_its_name() {
        let recorder = Recorder::new();
        assert_eq!(recorder.lane("till 1").row, 0);
        assert_eq!(recorder.lane("till 2").row, 1);
        assert_eq!(recorder.lane("till 1").row, 0);
    }

    #[test]
    fn a_span_ends_when_it_is_dropped() {
        let recorder = Recorder::new();
        let span = recorder.lane("till").waiting("for a customer");
        assert_eq!(recorder.lock().spans[0].end, None);
        drop(span);
        assert!(recorder.lock().spans[0].end.is_some());
    }

    #[test]
    fn recording_a_span_costs_well_under_a_microsecond() {
        let recorder = Recorder::new();
        let lane = recorder.lane("till");
        // The best of many batches: a noisy machine slows some of them, not all.
        let best = (0..100)
            .map(|_| {
                let start = Instant::now();
                for _ in 0..1000 {
                    let _span = lane.working("counting");
                }
                start.elapsed() / 1000
            })
            .min();
        assert!(best < Some(Duration::from_nanos(500)), "{best:?} a span");
    }
}
