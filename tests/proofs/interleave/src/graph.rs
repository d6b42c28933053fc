//! The states that a program can be in, and where each step leads.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::panic::Location;

use crate::{Shown, Thread};

/// How a program ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    /// Whether that must not happen.
    pub bad: bool,
    /// In a few words.
    pub what: String,
}

impl End {
    /// An end as it should be.
    pub fn good(what: impl Into<String>) -> Self {
        let what = what.into();
        Self { bad: false, what }
    }

    /// An end that must not happen.
    pub fn bad(what: impl Into<String>) -> Self {
        let what = what.into();
        Self { bad: true, what }
    }
}

/// All states of a program; the first one is where it starts.
///
/// Two states are the same if each thread has seen the same in them, and all that is in
/// view of the shared objects is the same.
#[derive(Debug, Default)]
pub struct Graph {
    /// The names of the threads.
    pub threads: Vec<String>,
    /// The names of the shared objects.
    pub objects: Vec<String>,
    /// The states.
    pub states: Vec<State>,
    numbers: HashMap<Key, usize>,
    /// Where the execution is, and the thread whose step is under way.
    at: Option<usize>,
    step: Option<usize>,
}

/// A state of a program.
#[derive(Debug, Default)]
pub struct State {
    /// What each thread does in its next step; `None` if it waits for another thread's end,
    /// or is at its own.
    pub next: Vec<Option<String>>,
    /// Where that is in the source.
    pub places: Vec<Place>,
    /// The value of each object that is a number.
    pub values: Vec<Option<i64>>,
    /// The thread that holds each object.
    pub holders: Vec<Option<usize>>,
    /// By the thread that takes it: what it does in the step, and the state after it. A thread
    /// that has something to do and is not here has to wait.
    pub steps: BTreeMap<usize, (String, usize)>,
    /// How the program has ended, if it has.
    pub end: Option<End>,
}

/// Where a thread is, if it is at a step.
pub type Place = Option<&'static Location<'static>>;

/// What makes a state another one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    threads: Vec<(Vec<String>, Option<String>, Place, bool)>,
    objects: Vec<(Option<i64>, Option<usize>)>,
}

impl Graph {
    pub(crate) fn begin(&mut self) {
        self.at = None;
        self.step = None;
    }

    /// The execution is in this state now.
    pub(crate) fn arrive(&mut self, threads: &[Thread], objects: &[Shown], end: Option<End>) {
        let label = |thread: &Thread| thread.next.as_ref().map(|next| next.label.clone());
        let place = |thread: &Thread| thread.next.as_ref().map(|next| next.place);
        let key = Key {
            threads: threads
                .iter()
                .map(|thread| {
                    let history = thread.history.clone();
                    (history, label(thread), place(thread), thread.finished)
                })
                .collect(),
            objects: objects
                .iter()
                .map(|it| (it.value, it.holder().map(|it| it.0)))
                .collect(),
        };
        if self.threads.len() < threads.len() {
            self.threads = threads.iter().map(|thread| thread.name.clone()).collect();
        }
        if self.objects.len() < objects.len() {
            self.objects = objects.iter().map(|object| object.name.clone()).collect();
        }
        let new = self.states.len();
        let number = match self.numbers.entry(key) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => {
                self.states.push(State {
                    next: threads.iter().map(label).collect(),
                    places: threads.iter().map(place).collect(),
                    values: objects.iter().map(|object| object.value).collect(),
                    holders: objects
                        .iter()
                        .map(|it| it.holder().map(|it| it.0))
                        .collect(),
                    ..State::default()
                });
                *unknown.insert(new)
            }
        };
        if let (Some(from), Some(thread)) = (self.at, self.step.take()) {
            let what = threads[thread].history.last().cloned().unwrap_or_default();
            if let place @ Some(_) = threads[thread].is_at {
                self.states[from].places[thread] = place;
            }
            let step = (what, number);
            let known = self.states[from].steps.insert(thread, step.clone());
            assert!(
                known.is_none_or(|known| known == step),
                "something that threads share is not in view"
            );
        }
        if let Some(end) = end {
            let known = self.states[number].end.replace(end.clone());
            assert!(known.is_none_or(|known| known == end), "likewise");
        }
        self.at = Some(number);
    }

    /// The thread begins its next step.
    pub(crate) fn leave(&mut self, thread: usize) {
        self.step = Some(thread);
    }

    /// How many ways there are from the start to an end: the number of schedules.
    pub fn schedules(&self) -> u64 {
        fn ways(graph: &Graph, state: usize, known: &mut [Option<u64>]) -> u64 {
            if let Some(known) = known[state] {
                return known;
            }
            let steps = graph.states[state].steps.values();
            let ways = match steps.len() {
                0 => 1,
                _ => steps.map(|&(_, to)| ways(graph, to, known)).sum(),
            };
            *known[state].insert(ways)
        }
        ways(self, 0, &mut vec![None; self.states.len()])
    }

    /// Whose steps lead from this state to a bad end, on a shortest way.
    pub fn way_to_bad(&self, from: usize) -> Option<Vec<usize>> {
        let mut ways = BTreeMap::from([(from, Vec::new())]);
        let mut next = VecDeque::from([from]);
        while let Some(state) = next.pop_front() {
            let way = ways[&state].clone();
            let State { steps, end, .. } = &self.states[state];
            if end.as_ref().is_some_and(|end| end.bad) {
                return Some(way);
            }
            for (&thread, &(_, to)) in steps {
                ways.entry(to).or_insert_with(|| {
                    next.push_back(to);
                    let mut way = way.clone();
                    way.push(thread);
                    way
                });
            }
        }
        None
    }

    /// The threads that take steps.
    pub fn active(&self) -> Vec<usize> {
        let mut active: Vec<usize> = self
            .states
            .iter()
            .flat_map(|state| state.steps.keys().copied())
            .collect();
        active.sort_unstable();
        active.dedup();
        active
    }

    /// The states on the way that this schedule takes, from the start on; shorter if a step
    /// is not possible.
    pub fn walk(&self, schedule: &[usize]) -> Vec<usize> {
        let mut states = vec![0];
        for thread in schedule {
            match self.states[states[states.len() - 1]].steps.get(thread) {
                Some(&(_, to)) => states.push(to),
                None => break,
            }
        }
        states
    }
}
