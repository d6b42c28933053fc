//! Which thread is next: depth first through all schedules.

use std::mem;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

use crate::memory::{Access, Way};
use crate::own::{Idle, Progress};
use crate::{Chosen, End, Graph, Id, Memory, Ready, Run, with};

/// A location, an access to it, and its values in words.
pub(crate) type Accesses = (usize, Access, fn(u64) -> String);

/// What a thread does next, and when it can.
pub(crate) struct Next {
    pub(crate) label: String,
    pub(crate) place: &'static Location<'static>,
    pub(crate) ready: Ready,
    pub(crate) touches: Vec<Id>,
    /// It has looked at these things again and again, and they were the same.
    pub(crate) idle: Option<Idle>,
    /// Of an execution as [`Memory::Rust`] has it: the location that it accesses, how, and what the
    /// values there mean.
    pub(crate) access: Option<Accesses>,
}

impl Next {
    /// Whether its place among the steps of other threads makes no difference, and all that it can
    /// mean now it can mean later: a store finds its place in the modification order before or
    /// behind those of others, whichever comes first.
    fn is_free(&self) -> bool {
        match self.access {
            Some((_, access, _)) => matches!(access, Access::Store(_)),
            None => self.touches.is_empty() && matches!(self.ready, Ready::Always),
        }
    }

    fn can_change_places_with(&self, other: &Self) -> bool {
        let all = self.touches.contains(&Id::ALL) || other.touches.contains(&Id::ALL);
        let free = |&mine: &Id| {
            let mut others = other.touches.iter();
            others.all(|&its| mine.can_change_places_with(its))
        };
        !all && self.touches.iter().all(free)
    }
}

/// Of the turns that were possible the one that was taken.
pub(crate) struct Choice {
    could: Vec<Turn>,
    did: usize,
}

/// A turn that is not to be taken: the thread, and how it was chosen; or what that meant, as
/// [`Chosen::Older`] may mean something else a step later.
pub(crate) type Asleep = (usize, Result<Way, Chosen>);

/// A thread takes its next step, chosen in this way.
pub type Turn = (usize, Chosen);

/// No thread goes on.
pub(crate) const STOP: Turn = (usize::MAX, Chosen::Ready);

/// So many steps bring most programs to their end.
const TO_ITS_END: usize = 50;

static SERIAL: AtomicU64 = AtomicU64::new(1);

/// The search itself is in the thread's `RUN`, which lives longer than shuttle's runner.
pub(crate) struct DepthFirst;

impl Scheduler for DepthFirst {
    fn new_execution(&mut self) -> Option<Schedule> {
        with(Run::next_execution)?.then(|| Schedule::new(0))
    }

    fn next_task(&mut self, can_run: &[&Task], _: Option<TaskId>, _: bool) -> Option<TaskId> {
        let tasks: Vec<usize> = can_run.iter().map(|task| task.id().into()).collect();
        with(|run| run.next_thread(&tasks))?.map(TaskId::from)
    }

    fn next_u64(&mut self) -> u64 {
        unreachable!("nothing is random here")
    }
}

impl Run {
    /// Counts the execution that is over, if any, and goes back to the last choice that had
    /// another possibility. False if there is none left.
    fn next_execution(&mut self) -> bool {
        if mem::replace(&mut self.started, true) {
            self.count();
            if mem::take(&mut self.again) {
                self.begin_again();
            }
            let stop = self.bounds.stop_at_first_bad && self.shortest_bad.is_some();
            if self.runs > 0 && !self.turn_back() {
                self.complete = true;
                return false;
            }
            let progress = Progress {
                schedules: self.schedules,
                ends: self.own_ends.len(),
                bad: self.shortest_bad.is_some(),
                too_long: self.too_long,
            };
            let watch = self.watch.as_mut();
            let go_on = watch.is_none_or(|watch| watch(progress));
            if stop || self.runs >= self.bounds.at_most || !go_on {
                return false;
            }
        }
        self.depth = 0;
        self.ids = 0;
        self.asleep.clear();
        self.redundant = false;
        self.redundant_steps = 0;
        self.current = 0;
        self.threads.clear();
        self.objects.clear();
        self.left = self.bounds.allowed();
        self.aside = false;
        self.end = None;
        self.serial = SERIAL.fetch_add(1, Relaxed);
        self.changes.clear();
        self.panics = 0;
        self.ended = None;
        self.idle_since = None;
        self.standing = None;
        self.impossible = None;
        self.weak = match self.bounds.memory {
            Memory::SequentiallyConsistent => false,
            Memory::Rust => true,
            Memory::AsNamed => self.names,
        };
        self.memory = Default::default();
        self.locations.clear();
        self.accessed = false;
        self.released.clear();
        self.plain.clear();
        if let Some(shown) = &mut self.shown {
            shown.clear();
        }
        crate::fresh::take_printed();
        if let Some(graph) = &mut self.graph {
            graph.begin(self.choices.len());
        }
        true
    }

    fn count(&mut self) {
        self.runs += 1;
        if self.redundant {
            return;
        }
        if let Some(graph) = &mut self.graph {
            graph.arrive(&self.threads, &self.objects, crate::fresh::printed());
        }
        let (end, seen) = match self.bounds.own {
            true => {
                let (end, seen) = self.own_end();
                (end, Some(seen))
            }
            false => (
                self.end.take().unwrap_or_else(|| End::bad("deadlock")),
                None,
            ),
        };
        self.schedules += 1;
        self.steps
            .resize(self.steps.len().max(self.threads.len()), 0);
        for (most, thread) in self.steps.iter_mut().zip(&self.threads) {
            *most = (*most).max(thread.steps);
        }
        if end.bad {
            let length = length(&self.choices);
            if self
                .shortest_bad
                .as_ref()
                .is_none_or(|(best, _)| length < *best)
            {
                let schedule = self.choices.iter().map(|it| it.turn().0);
                self.shortest_bad = Some((length, schedule.collect()));
            }
        }
        if let Some(graph) = &mut self.graph {
            graph.end(end.clone(), seen);
        }
        *self.ends.entry(end).or_default() += 1;
    }

    /// As if nothing had been run yet.
    fn begin_again(&mut self) {
        (self.runs, self.schedules) = (0, 0);
        self.ends.clear();
        self.own_ends.clear();
        self.choices.clear();
        self.graph = self.graph.take().map(|_| Graph::default());
        self.waited = false;
        self.too_long = false;
        self.shortest_bad = None;
    }

    fn turn_back(&mut self) -> bool {
        while let Some(choice) = self.choices.last_mut() {
            choice.did += 1;
            if choice.did < choice.could.len() {
                return true;
            }
            self.choices.pop();
        }
        false
    }

    /// The thread to run; none if the execution is over, by a deadlock.
    ///
    /// A thread that is not at a step yet runs on until it is: no other thread can see that. When
    /// all of them are at a step, one is chosen.
    fn next_thread(&mut self, tasks: &[usize]) -> Option<usize> {
        if self.ended.is_some() {
            if let Some(graph) = &mut self.graph {
                graph.arrive(&self.threads, &self.objects, crate::fresh::printed());
            }
            // A thread that comes to its end leaves its stack to the next execution.
            let over = self.threads.iter().skip(1).all(|thread| thread.finished);
            return tasks.first().copied().filter(|&task| over && task == 0);
        }
        for &task in tasks {
            if self.thread(task).next.is_none() {
                self.current = task;
                return Some(task);
            }
        }
        let mut could: Vec<Turn> = Vec::new();
        for &task in tasks {
            could.extend(self.turns(task));
        }
        if self.bounds.own {
            could = self.without_idle(could);
        }
        if let Some(graph) = &mut self.graph {
            graph.arrive(&self.threads, &self.objects, crate::fresh::printed());
        }
        self.stand(&could);
        if self.bounds.own && (could.is_empty() || self.depth >= self.bounds.most_steps) {
            self.stuck(!could.is_empty());
            return None;
        }
        if could.is_empty() {
            // Whatever the program has come to: a thread waits forever.
            self.end = None;
        }
        self.without_those_that_can_wait(&mut could);
        let (chosen, way) = self.choose(could)?;
        if (chosen, way) == STOP {
            self.stuck(false);
            return None;
        }
        self.current = chosen;
        self.chosen = way;
        if way.place() != 0 {
            self.left[way.place()] -= 1;
        }
        self.access(chosen, way);
        self.show(chosen);
        let thread = &mut self.threads[chosen];
        thread.next = None;
        thread.is_at = None;
        thread.steps += 1;
        thread.history.push(String::new());
        if let Some(graph) = &mut self.graph {
            graph.leave((chosen, way));
        }
        Some(chosen)
    }

    /// The turns that the thread could take.
    fn turns(&mut self, thread: usize) -> Vec<Turn> {
        self.find_ways(thread);
        let next = self.threads[thread].next.as_ref();
        let Some(Next { ready, .. }) = next else {
            return vec![(thread, Chosen::Ready)];
        };
        let (usual, others) = match ready {
            Ready::Always | Ready::AlwaysOr(_) => (true, true),
            Ready::When(flag) | Ready::WhenOr(flag, _) => (flag.is_up(), !flag.is_up()),
        };
        let others = ready.others().iter().copied().filter(|_| others);
        let ways = self.threads[thread].ways.len().max(1);
        (0..ways)
            .map(Chosen::newest_but)
            .filter(|_| usual)
            .chain(others.filter(|other| self.left[other.place()] > 0))
            .map(|way| (thread, way))
            .collect()
    }

    /// While a thread is at a step that is free, the others can wait: so fewer orders are tried.
    fn without_those_that_can_wait(&self, could: &mut Vec<Turn>) {
        let is_forced = self.forced.as_ref().is_some_and(|it| self.depth < it.len());
        if !self.weak || !self.bounds.reduce || self.observes || is_forced {
            return;
        }
        let next = |turn: &Turn| self.threads[turn.0].next.as_ref();
        let free = could
            .iter()
            .find(|turn| next(turn).is_some_and(Next::is_free));
        if let Some(&(free, _)) = free {
            could.retain(|turn| turn.0 == free);
        }
    }

    /// The turn, as it stays the same in a later state.
    fn asleep(&self, (thread, chosen): Turn) -> Asleep {
        let means = chosen
            .older()
            .and_then(|by| self.threads[thread].ways.get(by));
        (thread, means.copied().ok_or(chosen))
    }

    fn choose(&mut self, mut could: Vec<Turn>) -> Option<Turn> {
        let first = *could.first()?;
        let no_reason = could.iter().all(|turn| turn.1 == Chosen::Spurious);
        could.retain(|&turn| !self.asleep.contains(&self.asleep(turn)));
        if could.is_empty() || self.redundant {
            // To its end without a choice: what shuttle has for the threads of one that is broken off
            // is lost, and made anew for the next one. But a reader's own program may have no end.
            self.redundant = true;
            self.depth += 1;
            self.redundant_steps += 1;
            let may_end = !self.bounds.own || self.redundant_steps <= TO_ITS_END;
            return may_end.then_some(first);
        }
        // Threads that can go on for no reason only may as well wait forever.
        if self.bounds.own && no_reason {
            could.insert(0, STOP);
        }
        if let Some(forced) = &self.forced {
            let asked = forced.get(self.depth).copied();
            let turn = asked.filter(|turn| could.contains(turn));
            if asked != turn {
                self.impossible.get_or_insert(self.depth);
            }
            // Behind its end, a schedule that is shown is up to the first thread.
            if asked.is_some() || self.shown.is_some() {
                could = vec![turn.unwrap_or(could[0])];
            }
        }
        if self.depth == self.choices.len() {
            assert!(
                self.depth < self.bounds.most_steps,
                "a schedule without an end?"
            );
            self.choices.push(Choice { could, did: 0 });
        } else {
            // The program must do the same if the same threads are chosen.
            assert_eq!(
                self.choices[self.depth].could, could,
                "chance in the program"
            );
        }
        let choice = &self.choices[self.depth];
        self.depth += 1;
        let turn = choice.turn();
        if self.bounds.reduce && turn != STOP {
            // What was tried here before stays tried until a step touches the same objects.
            let tried = choice.could[..choice.did].iter();
            let tried = tried.filter(|turn| **turn != STOP);
            let tried: Vec<_> = tried.map(|&turn| self.asleep(turn)).collect();
            self.asleep.extend(tried);
            let next = |thread: usize| self.threads[thread].next.as_ref();
            let (chosen, (_, does)) = (next(turn.0)?, self.asleep(turn));
            let same = |&(thread, did): &Asleep| {
                // Of two writes before the same one, the second comes closer to it.
                let before_it = matches!(did, Ok(Way::Before(_))) && did == does;
                let budget = |it: Result<Way, Chosen>| it.err().map_or(0, Chosen::place);
                let same_budget = budget(did) != 0 && budget(did) == budget(does);
                thread != turn.0
                    && next(thread).is_some_and(|it| {
                        let location = |it: &Next| it.access.map(|(location, ..)| location);
                        let clash = before_it && location(it) == location(chosen);
                        !clash && !same_budget && it.can_change_places_with(chosen)
                    })
            };
            self.asleep = self.asleep.iter().copied().filter(same).collect();
        }
        Some(turn)
    }
}

/// Steps, and then switches from one thread to another.
pub(crate) fn length(choices: &[Choice]) -> (usize, usize) {
    let switches = choices
        .windows(2)
        .filter(|pair| pair[0].turn().0 != pair[1].turn().0);
    (choices.len(), switches.count())
}

impl Choice {
    pub(crate) fn turn(&self) -> Turn {
        self.could[self.did]
    }
}
