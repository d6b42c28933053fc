//! Recording who did what, when: named spans in named lanes, what one lane handed to another,
//! and values over time.

use std::borrow::Cow;
use std::collections::VecDeque;
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

    /// Hands something over: to the lane that [receives](Lane::receives) the next of this name,
    /// in the same act. Both ends belong inside of spans, for tools draw an arrow from span to
    /// span; what is never received is no arrow.
    pub fn sends(&self, name: impl Into<Cow<'static, str>>) {
        let mut recording = self.recorder.lock();
        let sent = (name.into(), self.row, self.recorder.start.elapsed());
        recording.sent.push_back(sent);
    }

    /// Gets what was [sent](Lane::sends) first of what has this name and is still under way.
    pub fn receives(&self, name: &str) {
        let mut recording = self.recorder.lock();
        let place = recording.sent.iter().position(|(sent, ..)| sent == name);
        if let Some((name, from, sent)) = place.and_then(|place| recording.sent.remove(place)) {
            let to = (self.row, self.recorder.start.elapsed());
            recording.handed.push(Handed {
                name,
                from: (from, sent),
                to,
            });
        }
    }

    /// Records what was handed over earlier, such as a job whose worker reported when it began:
    /// at `sent` by this lane, at `received` to the other one.
    pub fn handed(
        &self,
        name: impl Into<Cow<'static, str>>,
        sent: Instant,
        to: &Lane,
        received: Instant,
    ) {
        let time = |moment: Instant| moment.saturating_duration_since(self.recorder.start);
        self.recorder.lock().handed.push(Handed {
            name: name.into(),
            from: (self.row, time(sent)),
            to: (to.row, time(received)),
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
    /// Apart from the rest, because it is locked while a value is read.
    values: Mutex<Vec<Value>>,
}

/// A value at a moment, with its name.
pub(crate) type Value = (Duration, &'static str, i64);

/// What a [`chart`](crate::chart) shows: of a lesson that runs, or read from its trace.
#[derive(Default)]
pub struct Recording {
    /// The names of the rows, from above.
    pub lanes: Vec<String>,
    /// In any order.
    pub spans: Vec<Recorded>,
    /// When each act began, and its title.
    pub acts: Vec<(Duration, String)>,
    pub(crate) handed: Vec<Handed>,
    /// Of this act, what is not yet received: its name, the row that it comes from, when.
    pub(crate) sent: VecDeque<(Cow<'static, str>, usize, Duration)>,
}

/// What one row handed to another, and when at either end.
pub(crate) struct Handed {
    pub(crate) name: Cow<'static, str>,
    pub(crate) from: (usize, Duration),
    pub(crate) to: (usize, Duration),
}

/// A span of a [`Recording`].
pub struct Recorded {
    /// Which of the lanes.
    pub row: usize,
    /// What its lane is busy with.
    pub kind: Kind,
    /// What is written into it where there is room.
    pub name: Cow<'static, str>,
    /// When it began, from the start of the recording.
    pub start: Duration,
    /// When it ended; none if it did not.
    pub end: Option<Duration>,
}

impl Recorder {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            recording: Mutex::default(),
            values: Mutex::default(),
        })
    }

    /// Begins an act, and returns its number.
    pub(crate) fn act(&self, title: String) -> usize {
        let mut recording = self.lock();
        recording.sent.clear();
        recording.acts.push((self.start.elapsed(), title));
        recording.acts.len()
    }

    /// Reads a value while no other value is read, so that all of them are in order.
    pub(crate) fn value(&self, name: &'static str, read: impl FnOnce() -> i64) {
        let mut values = self.values();
        let value = read();
        values.push((self.start.elapsed(), name, value));
    }

    pub(crate) fn values(&self) -> MutexGuard<'_, Vec<Value>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn what_is_received_was_sent_first_of_its_name_and_in_this_act() {
        let recorder = Recorder::new();
        let lanes = ["till 1", "till 2", "office"].map(|name| recorder.lane(name));
        let handed = |name| {
            lanes[2].receives(name);
            let recording = recorder.lock();
            recording.handed.last().map(|handed| handed.from.0)
        };
        assert_eq!(handed("sale"), None);
        lanes[0].sends("note");
        lanes[1].sends("sale");
        lanes[0].sends("sale");
        assert_eq!(handed("sale"), Some(1));
        assert_eq!(handed("sale"), Some(0));
        recorder.act("The next day".into());
        lanes[2].receives("note");
        assert_eq!(recorder.lock().handed.len(), 2);
        let recording = recorder.lock();
        let handed = &recording.handed[0];
        assert_eq!(handed.to.0, 2);
        assert!(handed.from.1 <= handed.to.1);
    }

    #[test]
    fn what_was_handed_over_earlier_keeps_its_times() {
        let recorder = Recorder::new();
        let [from, to] = ["here", "worker"].map(|name| recorder.lane(name));
        let after = |seconds| recorder.start + Duration::from_secs(seconds);
        from.handed("a job", after(1), &to, after(2));
        let handed = &recorder.lock().handed[0];
        assert_eq!(handed.name, "a job");
        assert_eq!(handed.from, (0, Duration::from_secs(1)));
        assert_eq!(handed.to, (1, Duration::from_secs(2)));
    }

    /// Without the lock a thread could read, be overtaken, and note an older value later.
    #[test]
    fn values_are_in_the_order_in_which_they_were() {
        use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
        let (recorder, counter) = (Recorder::new(), AtomicI64::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        counter.fetch_add(1, SeqCst);
                        recorder.value("count", || counter.load(SeqCst));
                    }
                });
            }
        });
        let values = recorder.values();
        assert!(values.is_sorted(), "{values:?}");
        assert_eq!(values.last().unwrap().2, 4000);
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
