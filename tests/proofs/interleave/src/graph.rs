//! The states that a program can be in, and where each step leads.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::panic::Location;

use crate::{Chosen, Seen, Shown, Thread, Turn};

/// How a program ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
/// It has all schedules: two states are one if all that is in view is the same in them, and the
/// same steps lead to the same states. So what is not in view makes no difference.
#[derive(Debug, Default)]
pub struct Graph {
    /// The names of the threads.
    pub threads: Vec<String>,
    /// The names of the shared objects.
    pub objects: Vec<String>,
    /// The states.
    pub states: Vec<State>,
    numbers: HashMap<State, usize>,
    /// The states of the execution, up to a point those of the one before it. Each knows the step
    /// that led to it.
    path: Vec<(Option<(Turn, String)>, State)>,
    /// How many of them the execution has come to, and the step that is under way.
    depth: usize,
    step: Option<Turn>,
}

/// A state of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// What each thread does in its next step; `None` if it waits for another thread's end,
    /// or is at its own.
    pub next: Vec<Option<String>>,
    /// Where that is in the source; or where it waits for another thread's end.
    pub places: Vec<Place>,
    /// The value of each object that is a number.
    pub values: Vec<Option<i64>>,
    /// The thread that holds each object.
    pub holders: Vec<Option<usize>>,
    /// The steps that can be taken. A thread that has something to do and is not here has to wait.
    pub steps: Vec<Leads>,
    /// What the program has printed.
    pub printed: String,
    /// How the program has ended, if it has.
    pub end: Option<End>,
    /// The same of a reader's own program. If threads may still go on for no reason, there are
    /// steps as well.
    pub seen: Option<Seen>,
}

/// A step, and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leads {
    /// The thread that takes it.
    pub thread: usize,
    /// In which way.
    pub way: Chosen,
    /// What the thread does.
    pub what: String,
    /// The state after it.
    pub to: usize,
}

/// Where a thread is, if it is at a step.
pub type Place = Option<&'static Location<'static>>;

impl State {
    /// The step of this thread.
    pub fn step(&self, thread: usize) -> Option<&Leads> {
        self.steps.iter().find(|step| step.thread == thread)
    }
}

impl Graph {
    /// The next execution begins, and makes the first so many choices of the one before it.
    pub(crate) fn begin(&mut self, same: usize) {
        while self.path.len() > same {
            self.fold();
        }
        self.depth = 0;
        self.step = None;
    }

    /// All that can follow on the last state of the path is known.
    fn fold(&mut self) {
        let Some((step, state)) = self.path.pop() else {
            return;
        };
        let new = self.states.len();
        let to = *self.numbers.entry(state).or_insert_with_key(|state| {
            self.states.push(state.clone());
            new
        });
        if let (Some(((thread, way), what)), Some((_, from))) = (step, self.path.last_mut()) {
            from.steps.push(Leads {
                thread,
                way,
                what,
                to,
            });
        }
    }

    /// The execution is in this state now.
    pub(crate) fn arrive(&mut self, threads: &[Thread], objects: &[Shown], printed: String) {
        let step = self.step.take();
        if step.is_none() && self.depth > 0 {
            return;
        }
        self.depth += 1;
        if self.depth <= self.path.len() {
            return;
        }
        let step = step.map(|turn| {
            let thread = &threads[turn.0];
            if let (place @ Some(_), Some((_, from))) = (thread.is_at, self.path.last_mut()) {
                from.places[turn.0] = place;
            }
            (turn, thread.history.last().cloned().unwrap_or_default())
        });
        if self.threads.len() < threads.len() {
            self.threads = threads.iter().map(|thread| thread.name.clone()).collect();
        }
        let next = |thread: &Thread| thread.next.as_ref().map(|next| next.label.clone());
        let place = |thread: &Thread| match (&thread.next, thread.finished) {
            (Some(next), _) => Some(next.place),
            (None, false) => thread.joins,
            (None, true) => None,
        };
        let mut state = State {
            next: threads.iter().map(next).collect(),
            places: threads.iter().map(place).collect(),
            printed,
            ..State::default()
        };
        // Which one an execution uses first may differ, but not how it is called there.
        for (number, object) in objects.iter().enumerate() {
            let before = &objects[..number];
            let same = before.iter().filter(|other| other.name == object.name);
            let name = match same.count() {
                0 => object.name.clone(),
                others => format!("{} {}", object.name, others + 1),
            };
            let known = self.objects.iter().position(|known| *known == name);
            let number = known.unwrap_or(self.objects.len());
            if known.is_none() {
                self.objects.push(name);
            }
            if number >= state.values.len() {
                state.values.resize(number + 1, None);
                state.holders.resize(number + 1, None);
            }
            state.values[number] = object.value;
            state.holders[number] = object.holder().map(|it| it.0);
        }
        self.path.push((step, state));
    }

    /// The execution ends in the state that it is in.
    pub(crate) fn end(&mut self, end: End, seen: Option<Seen>) {
        let (_, state) = &mut self.path[self.depth - 1];
        state.end = Some(end);
        state.seen = seen;
    }

    /// The thread begins its next step.
    pub(crate) fn leave(&mut self, turn: Turn) {
        self.step = Some(turn);
    }

    /// No execution follows: gives the states their numbers, in the order of their distance.
    pub(crate) fn finish(&mut self) {
        self.begin(0);
        let mut folded = mem::take(&mut self.states);
        self.numbers.clear();
        let mut numbers = HashMap::from([(folded.len() - 1, 0)]);
        let mut order = VecDeque::from([folded.len() - 1]);
        while let Some(state) = order.pop_front() {
            let mut state = mem::take(&mut folded[state]);
            state.values.resize(self.objects.len(), None);
            state.holders.resize(self.objects.len(), None);
            state.next.resize(self.threads.len(), None);
            state.places.resize(self.threads.len(), None);
            for step in &mut state.steps {
                let new = numbers.len();
                step.to = *numbers.entry(step.to).or_insert_with_key(|&to| {
                    order.push_back(to);
                    new
                });
            }
            self.states.push(state);
        }
    }

    /// How many ways there are from the start to an end: the number of schedules.
    pub fn schedules(&self) -> u64 {
        fn ways(graph: &Graph, state: usize, known: &mut [Option<u64>]) -> u64 {
            if let Some(known) = known[state] {
                return known;
            }
            let State { steps, end, .. } = &graph.states[state];
            let steps = steps.iter().map(|step| ways(graph, step.to, known));
            let ways = steps.sum::<u64>() + u64::from(end.is_some());
            *known[state].insert(ways)
        }
        ways(self, 0, &mut vec![None; self.states.len()])
    }

    /// Whose steps lead from this state to a bad end, on a shortest way.
    pub fn way_to_bad(&self, from: usize) -> Option<Vec<usize>> {
        let bad = |state: &State| state.end.as_ref().is_some_and(|end| end.bad);
        let way = self.way(from, bad)?;
        Some(way.into_iter().map(|turn| turn.0).collect())
    }

    /// The turns that lead from this state to such a one, on a shortest way.
    pub fn way(&self, from: usize, wanted: impl Fn(&State) -> bool) -> Option<Vec<Turn>> {
        let mut ways = HashMap::from([(from, Vec::new())]);
        let mut next = VecDeque::from([from]);
        while let Some(state) = next.pop_front() {
            let way = ways[&state].clone();
            if wanted(&self.states[state]) {
                return Some(way);
            }
            for step in &self.states[state].steps {
                ways.entry(step.to).or_insert_with(|| {
                    next.push_back(step.to);
                    let mut way = way.clone();
                    way.push((step.thread, step.way));
                    way
                });
            }
        }
        None
    }

    /// The threads that take steps.
    pub fn active(&self) -> Vec<usize> {
        let steps = self.states.iter().flat_map(|state| &state.steps);
        let mut active: Vec<usize> = steps.map(|step| step.thread).collect();
        active.sort_unstable();
        active.dedup();
        active
    }

    /// The states on the way that this schedule takes, from the start on; shorter if a step
    /// is not possible.
    pub fn walk(&self, schedule: &[usize]) -> Vec<usize> {
        let mut states = vec![0];
        for &thread in schedule {
            match self.states[states[states.len() - 1]].step(thread) {
                Some(step) => states.push(step.to),
                None => break,
            }
        }
        states
    }
}
