//! The search of a reader's own program: it prints, it panics, its `main` returns.

use std::collections::BTreeMap;
use std::mem;
use std::panic::Location;
use std::sync::{Mutex, PoisonError};

use crate::scheduler::{Choice, Next, STOP, length};
use crate::{Bounds, End, Found, Graph, Id, Run, Turn, fresh, with};

/// How the program ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    /// `main` returned, and no thread was left.
    Done,
    /// `main` returned while these threads were still at work.
    Outlived(Vec<String>),
    /// `main` panicked, or a thread that was not joined.
    Panicked(String),
    /// `main` returned this error.
    Failed(String),
    /// Two threads access the same thing, one of them writes, and nothing orders them; each with the
    /// place.
    Race(Vec<String>),
    /// No thread can go on; each with the place and what it waits for.
    Deadlock(Vec<String>),
    /// The threads look at the same things again and again, and no thread will change them.
    Spins(Vec<String>),
    /// The schedule is longer than the bounds allow, and was not run to its end.
    TooLong,
}

impl Seen {
    /// Whether that must not happen.
    pub fn is_bad(&self) -> bool {
        !matches!(self, Self::Done | Self::Outlived(_) | Self::TooLong)
    }
}

/// Where a thread looked at something, and what it was then.
#[derive(Debug)]
pub(crate) struct Look {
    place: &'static Location<'static>,
    pub(crate) at: Vec<Known>,
}

impl Look {
    fn is(&self, other: &Self, tries: bool) -> bool {
        let mut pairs = self.at.iter().zip(&other.at);
        self.place == other.place
            && self.at.len() == other.at.len()
            && pairs.all(|(one, two)| one.0 == two.0 && one.1.is(two.1, tries))
    }
}

/// What a shared thing is at a time.
pub(crate) type Known = (Id, Version);

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// How often it was changed, acquired or released.
    changes: u64,
    /// Its value, if that is a number, and how often it was changed otherwise.
    content: (Option<i64>, u64),
    /// The threads that hold it: a bit for each.
    held: u64,
}

fn bit(thread: usize) -> u64 {
    1 << (thread % 64)
}

impl Version {
    /// What an access has found.
    pub(crate) fn of_write(number: usize) -> Self {
        Self {
            changes: number as u64,
            content: (None, 0),
            held: 0,
        }
    }

    /// Whether this is the same; if `tries`, also after it was changed back.
    fn is(self, other: Self, tries: bool) -> bool {
        let unchanged = tries || self.changes == other.changes;
        unchanged && self.content == other.content && self.held == other.held
    }
}

/// What has to change for a thread to come to something else.
#[derive(Debug)]
pub(crate) struct Idle {
    known: Vec<Known>,
    /// It tries to acquire what another thread holds: then what it acquires and releases itself
    /// is no change.
    tries: bool,
}

/// A step of a schedule, to be shown.
#[derive(Clone, Debug)]
pub struct Step {
    /// The thread that takes it.
    pub thread: String,
    /// Its place in the source.
    pub place: &'static Location<'static>,
    /// What it does.
    pub what: String,
}

impl Step {
    pub(crate) fn add(&mut self, what: &str) {
        if !self.what.is_empty() {
            self.what.push_str(", ");
        }
        self.what.push_str(what);
    }
}

/// What a search has found: each end with what was printed, how often, and a shortest schedule.
#[derive(Debug)]
pub struct Report {
    /// The search.
    pub found: Found,
    /// Whether that was all there is.
    pub complete: bool,
    /// Whether a thread that looked at the same things again and again had to wait for a change:
    /// then what follows if it goes on instead was left out.
    pub waited: bool,
    /// The ends with what was printed.
    pub ends: BTreeMap<(Seen, String), Way>,
}

/// One of the schedules that end alike, and how many there are.
#[derive(Clone, Debug)]
pub struct Way {
    /// How many.
    pub count: u64,
    /// Of the shortest: see [`length`].
    length: (usize, usize),
    /// The shortest.
    pub schedule: Vec<Turn>,
}

/// Adds to what the program has printed. A step: the order tells who was first.
#[track_caller]
pub fn print(text: &str) {
    if with(|run| !run.aside) == Some(true) {
        crate::step(|| "print".into(), crate::Ready::Always, &[Id::OUTPUT]);
        crate::did(|| format!("prints {:?}", text.trim_end()));
        crate::changed(Id::OUTPUT);
        fresh::print(text);
    }
}

/// A place in the source, in the words of an end: the file as the compiler calls it, and the line.
pub(crate) fn place(place: &Location<'_>) -> String {
    format!("{}:{}", place.file(), place.line())
}

/// The longest sequence of looks that is looked for again.
const PERIOD: usize = 8;

impl Run {
    /// Keeps in mind that the running thread comes to this place. If it was there twice before, and
    /// all was the same each time, it returns what has to change for the next time to differ.
    pub(crate) fn look(
        &mut self,
        place: &'static Location<'static>,
        touches: &[Id],
        accesses: bool,
    ) -> Option<Idle> {
        let mut at: Vec<Known> = touches.iter().map(|&id| self.known(id)).collect();
        let current = self.current;
        let looks = &mut self.thread(current).looks;
        if accesses {
            // Until it has found something, that is what it found here before.
            let before = looks.iter().rev().filter(|look| look.place == place);
            let mut before = before.filter_map(|look| look.at.first());
            let same = before.find(|known| known.0 == at[0].0);
            at[0].1 = same.map_or(Version::of_write(usize::MAX), |known| known.1);
        }
        looks.push(Look { place, at });
        if looks.len() > 3 * PERIOD {
            looks.remove(0);
        }
        let looks = &self.threads[current].looks;
        let last = looks.len() - 1;
        (1..=PERIOD)
            .take_while(|period| last >= 2 * period)
            .find_map(|period| {
                let round = looks[last + 1 - period..].iter().flat_map(|look| &look.at);
                let taken = |version: &Version| version.held & !bit(current) != 0;
                let tries = round.clone().any(|(_, version)| taken(version));
                let again =
                    (last - period..=last).all(|at| looks[at].is(&looks[at - period], tries));
                again.then(|| Idle {
                    known: round
                        .map(|&(id, version)| match self.locations.get(&id.number) {
                            Some(_) => (id, version),
                            None => self.known(id),
                        })
                        .collect(),
                    tries,
                })
            })
    }

    /// Threads that would see what they have seen wait for those that do something. If there
    /// are none, they go on in turns: their loops may have an end.
    pub(crate) fn without_idle(&mut self, could: Vec<Turn>) -> Vec<Turn> {
        let busy: Vec<_> = could.iter().filter(|turn| !self.is_idle(turn.0)).collect();
        if could.is_empty() || !busy.is_empty() {
            self.waited |= busy.len() < could.len();
            self.idle_since = None;
            return busy.into_iter().copied().collect();
        }
        self.idle_since.get_or_insert(self.depth);
        let next = could
            .into_iter()
            .min_by_key(|turn| self.threads[turn.0].steps);
        next.into_iter().collect()
    }

    fn known(&self, id: Id) -> Known {
        let object = self.objects.iter().find(|object| object.id.is(id));
        let held = object.iter().flat_map(|object| &object.held);
        let held = held.fold(0, |held, it| held | bit(it.0));
        let (changes, written) = self.changes.get(&id.number).copied().unwrap_or_default();
        let version = Version {
            changes,
            content: (object.and_then(|object| object.value), written),
            held,
        };
        (id, version)
    }

    fn is_idle(&self, thread: usize) -> bool {
        let next = self.threads[thread].next.as_ref();
        next.and_then(|next| next.idle.as_ref())
            .is_some_and(|idle| {
                let mut known = idle.known.iter();
                known.all(|&(id, version)| match self.locations.get(&id.number) {
                    Some(&location) => {
                        let found = version.changes as usize;
                        !self.memory.may_find_other(thread, location, found)
                    }
                    None => self.known(id).1.is(version, idle.tries),
                })
            })
    }

    /// What the thread has found again and again where its next step looks.
    pub(crate) fn has_found(&self, thread: usize) -> Option<usize> {
        let thread = &self.threads[thread];
        thread.next.as_ref()?.idle.as_ref()?;
        let (_, version) = thread.looks.last()?.at.first()?;
        Some(version.changes as usize)
    }

    /// Who holds what the step needs, and since where.
    fn held(&self, next: &Next) -> Option<(&str, &'static Location<'static>)> {
        self.objects.iter().find_map(|object| {
            let (holder, since) = object.holder()?;
            let needed = next.touches.iter().any(|id| id.is(object.id));
            needed.then(|| (self.threads[holder].name.as_str(), since))
        })
    }

    /// Keeps where everything stands when the schedule that is to be shown is over.
    pub(crate) fn stand(&mut self, could: &[Turn]) {
        let over = |schedule: &Vec<Turn>| schedule.len() == self.depth;
        let (Some(shown), true) = (&self.shown, self.forced.as_ref().is_some_and(over)) else {
            return;
        };
        let at = |(number, thread): (usize, &crate::Thread)| {
            let next = thread.next.as_ref();
            let turns = could.iter().copied().filter(|turn| turn.0 == number);
            let means = turns.clone().map(|turn| self.means(number, turn.1));
            let held = next.and_then(|next| self.held(next));
            At {
                name: thread.name.clone(),
                place: next.map_or(thread.joins, |next| Some(next.place)),
                next: next.map(|next| next.label.clone()),
                means: means.collect(),
                turns: turns.collect(),
                held: held.map(|(holder, since)| (holder.to_owned(), since)),
                finished: thread.finished,
            }
        };
        self.standing = Some(Standing {
            steps: shown.clone(),
            printed: fresh::printed(),
            threads: self.threads.iter().enumerate().map(at).collect(),
            impossible: self.impossible,
            end: None,
        });
    }

    /// No thread can go on, or too many steps were taken.
    pub(crate) fn stuck(&mut self, too_long: bool) {
        let at = |thread: &crate::Thread| {
            if thread.finished {
                return None;
            }
            let name = &thread.name;
            let Some(next) = thread.next.as_ref() else {
                let at = thread.joins.map_or(String::new(), place);
                return Some(format!("{name} waits at {at} for a thread to end"));
            };
            let at = place(next.place);
            Some(match self.held(next) {
                Some((holder, since)) => {
                    let since = place(since);
                    let holder = if holder == name { "it" } else { holder };
                    format!("{name} waits at {at} for what {holder} holds since {since}")
                }
                None => format!("{name} waits at {at}"),
            })
        };
        let places: Vec<String> = self.threads.iter().filter_map(at).collect();
        if let (Some(since), Some(shown)) = (self.idle_since, &mut self.shown) {
            shown.truncate(since);
        }
        self.ended = Some(match (too_long, self.idle_since) {
            (true, Some(_)) => Seen::Spins(places),
            (true, None) => Seen::TooLong,
            (false, _) => Seen::Deadlock(places),
        });
    }

    /// How the execution has ended, for the list of ends.
    pub(crate) fn own_end(&mut self) -> (End, Seen) {
        let seen = self.ended.take().unwrap_or_else(|| {
            let at = |thread: &crate::Thread| (!thread.finished).then(|| thread.name.clone());
            Seen::Deadlock(self.threads.iter().filter_map(at).collect())
        });
        let printed = fresh::take_printed();
        let end = match seen.is_bad() {
            true => End::bad(""),
            false => End::good(""),
        };
        self.too_long |= seen == Seen::TooLong;
        // In what it does without end, nothing can differ any more.
        let steps = self.idle_since.unwrap_or(self.choices.len());
        let choices = &self.choices[..steps];
        let length = length(choices);
        let way = self.own_ends.entry((seen.clone(), printed)).or_insert(Way {
            count: 0,
            length: (usize::MAX, 0),
            schedule: Vec::new(),
        });
        way.count += 1;
        if length < way.length {
            way.length = length;
            let turns = choices.iter().map(Choice::turn);
            way.schedule = turns.filter(|turn| *turn != STOP).collect();
        }
        (end, seen)
    }

    /// The only schedule that was run.
    fn replayed(self) -> Replay {
        let end = self.own_ends.into_keys().next();
        let (seen, printed) = end.unwrap_or((Seen::Done, String::new()));
        Replay {
            steps: self.shown.unwrap_or_default(),
            seen,
            printed,
        }
    }

    /// The running thread panics, in its step or before its first one. (That of `main` is shown as
    /// its end, if it was in no step.)
    pub(crate) fn show_panic(&mut self) {
        let name = &self.threads[self.current].name;
        match self.shown.as_mut().and_then(|shown| shown.last_mut()) {
            Some(step) if step.thread == *name => step.add("panics"),
            Some(step) if self.current > 0 => step.add(&format!("{name} panics")),
            _ => {}
        }
    }

    pub(crate) fn show(&mut self, thread: usize) {
        let Some(next) = self.threads[thread].next.as_ref() else {
            return;
        };
        let step = Step {
            thread: self.threads[thread].name.clone(),
            place: next.place,
            what: String::new(),
        };
        if let Some(shown) = &mut self.shown {
            shown.push(step);
        }
    }
}

/// How far a search is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// How many schedules were run.
    pub schedules: u64,
    /// How many different ends there are.
    pub ends: usize,
    /// Whether a schedule ended badly.
    pub bad: bool,
    /// Whether a schedule was longer than the bounds allow.
    pub too_long: bool,
}

/// Runs a reader's own program under every schedule within the bounds. `watch` is called after
/// each, and ends the search by false.
pub fn search_own(
    bounds: Bounds,
    main: fn() -> Result<(), String>,
    watch: impl FnMut(Progress) -> bool + 'static,
) -> Report {
    search_own_from(bounds, &[], main, watch)
}

/// The same for the schedules that begin like this.
pub fn search_own_from(
    bounds: Bounds,
    begin: &[Turn],
    main: fn() -> Result<(), String>,
    watch: impl FnMut(Progress) -> bool + 'static,
) -> Report {
    let mut run = Run::new(Bounds {
        own: true,
        ..bounds
    });
    run.forced = Some(begin.to_vec());
    run.watch = Some(Box::new(watch));
    let mut run = one_at_a_time(run, main);
    Report {
        complete: run.complete && !run.too_long,
        waited: run.waited,
        ends: mem::take(&mut run.own_ends),
        found: run.found(),
    }
}

/// Runs it under every schedule within the bounds, and keeps each state that it can be in.
pub fn graph_own(bounds: Bounds, main: fn() -> Result<(), String>) -> Graph {
    let mut run = Run::new(Bounds {
        own: true,
        reduce: false,
        ..bounds
    });
    run.graph = Some(Graph::default());
    crate::graph_of(one_at_a_time(run, main))
}

/// Runs it under this schedule, and tells what its steps did. Where a turn is not possible, or
/// the schedule is over, the first thread that can go on does.
pub fn replay(bounds: Bounds, schedule: &[Turn], main: fn() -> Result<(), String>) -> Replay {
    show(bounds, schedule, main).replayed()
}

/// Runs it under this schedule, and tells where everything stands then.
pub fn stand(bounds: Bounds, schedule: &[Turn], main: fn() -> Result<(), String>) -> Standing {
    let mut run = show(bounds, schedule, main);
    let (standing, impossible) = (run.standing.take(), run.impossible);
    match standing {
        Some(standing) if standing.threads.iter().any(|at| !at.turns.is_empty()) => standing,
        // It has ended. After a deadlock, threads are left.
        standing => {
            let whole = run.replayed();
            Standing {
                steps: whole.steps,
                printed: whole.printed,
                threads: standing.map(|it| it.threads).unwrap_or_default(),
                impossible,
                end: Some(whole.seen),
            }
        }
    }
}

fn show(bounds: Bounds, schedule: &[Turn], main: fn() -> Result<(), String>) -> Run {
    let mut run = Run::new(Bounds {
        own: true,
        reduce: false,
        at_most: 1,
        ..bounds
    });
    run.forced = Some(schedule.to_vec());
    run.shown = Some(Vec::new());
    one_at_a_time(run, main)
}

/// Where a program stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The steps so far.
    pub steps: Vec<Step>,
    /// What it has printed.
    pub printed: String,
    /// Its threads by number; none are left if `main` has ended.
    pub threads: Vec<At>,
    /// The first turn of the schedule that was not possible.
    pub impossible: Option<usize>,
    /// How it has ended, if it has.
    pub end: Option<Seen>,
}

/// Where a thread stands.
#[derive(Clone, Debug)]
pub struct At {
    /// Its name.
    pub name: String,
    /// Its next step, or the place where it waits for a thread to end.
    pub place: Option<&'static Location<'static>>,
    /// What it does next, unless it waits for a thread to end.
    pub next: Option<String>,
    /// In which ways it can take that step; none if it has to wait.
    pub turns: Vec<Turn>,
    /// What each of them means, if it is up to the order of memory.
    pub means: Vec<Option<String>>,
    /// Who holds what it needs for that, and since where.
    pub held: Option<(String, &'static Location<'static>)>,
    /// It has come to its end.
    pub finished: bool,
}

/// One schedule, step by step.
#[derive(Debug)]
pub struct Replay {
    /// The steps.
    pub steps: Vec<Step>,
    /// How it ends.
    pub seen: Seen,
    /// What it has printed by then.
    pub printed: String,
}

/// Whether a panic was the answer to one of another thread.
fn is_of_another(words: &str) -> bool {
    let signs = ["Any { .. }", "PoisonError", "a scoped thread panicked"];
    signs.iter().any(|sign| words.contains(sign))
}

/// Searches do not run side by side in one process: a program may have statics, which are in their
/// state of one execution at a time.
fn one_at_a_time(run: Run, main: fn() -> Result<(), String>) -> Run {
    static SEARCH: Mutex<()> = Mutex::new(());
    let _search = SEARCH.lock().unwrap_or_else(PoisonError::into_inner);
    crate::run(run, move || own_main(main))
}

fn own_main(main: fn() -> Result<(), String>) -> End {
    let result = crate::catch(main);
    // Whether the other threads have come to their ends by then is a matter of the order.
    crate::step(|| "end of main".into(), crate::Ready::Always, &[Id::ALL]);
    crate::did(|| match result {
        Ok(_) => "main ends".into(),
        Err(_) => "main panics".into(),
    });
    if with(|run| run.threads.iter().skip(1).all(|thread| thread.joined)) == Some(false) {
        crate::observes();
    }
    with(|run| {
        let others = run.threads.iter().skip(1);
        let lost = others
            .clone()
            .any(|thread| thread.panic.is_some() && !thread.joined);
        let mains = run.threads[0].panic.as_ref().filter(|_| result.is_err());
        let words = match mains {
            Some((_, words)) if !is_of_another(words) => Some(words),
            // What came first is the reason of the others.
            _ => {
                let panics = run
                    .threads
                    .iter()
                    .filter(|it| mains.is_some() || !it.joined);
                let first = panics.filter_map(|thread| thread.panic.as_ref()).min();
                first.map(|(_, words)| words)
            }
        };
        let words = words.cloned().unwrap_or_default();
        let left: Vec<_> = others
            .filter(|thread| !thread.finished)
            .map(|thread| thread.name.clone())
            .collect();
        let seen = match (result, lost) {
            (Err(_), _) | (Ok(Ok(())), true) => Seen::Panicked(words),
            (Ok(Err(error)), _) => Seen::Failed(error),
            _ if left.is_empty() => Seen::Done,
            _ => Seen::Outlived(left),
        };
        run.ended.get_or_insert(seen);
    });
    End::good("")
}
