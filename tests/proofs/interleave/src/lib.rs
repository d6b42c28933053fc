//! Runs a small program with threads once for every order in which their steps can happen.
//!
//! A **step** is one operation on something that threads share: reading an atomic, taking a
//! lock, waking a waiter. What a thread does between two steps, no other thread can see, so
//! the orders of the steps are all there is to try: a **schedule** is one such order, and
//! [`search`] runs them all, depth first. With [`Memory::SequentiallyConsistent`], what one thread
//! writes all others see from then on, whatever `Ordering` says. With [`Memory::Rust`], a step also has
//! to choose what it reads, and where in the order of the writes it comes: see [`Access`].
//!
//! The threads are tasks of [`shuttle`]. It switches between them; which one is next is
//! decided here. The models of `std` and `parking_lot` beside this crate call [`step`] before
//! each operation, and [`did`] after it.

mod access;
mod fresh;
mod graph;
mod memory;
mod own;
mod scheduler;
pub mod text;
mod waiters;

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem;
use std::panic::{self, Location};
use std::slice;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, panicking};

pub use access::{
    Accessed, Plain, access, acquire, clock, execution, fence, is_weak, learn, observes, release,
    wrote,
};
pub use fresh::{PerRun, Slot};
pub use graph::{End, Graph, Leads, Place, State};
pub use memory::{Access, Clock};
use memory::{Execution, Way as Means};
pub use own::{At, Progress, Replay, Report, Seen, Standing, Step, Way};
pub use own::{graph_own, print, replay, search_own, search_own_from, stand};
pub use scheduler::Turn;
use scheduler::{Accesses, Asleep, Choice, DepthFirst, Next};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};
pub use waiters::Waiters;

/// What is searched, and how far.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The names of the threads; the first is the one that starts the others.
    pub threads: &'static [&'static str],
    /// The names of the shared objects, in the order in which the program makes them.
    pub objects: &'static [&'static str],
    /// How many waits with a time limit may time out in one schedule.
    pub timeouts: u32,
    /// How many waits may end without a reason in one schedule, as those of `std` may.
    pub spurious: u32,
    /// How many requests to the system, such as one for a thread, may fail in one schedule.
    pub failures: u32,
    /// Whether releasing a lock that cannot be tried is a step of its own. It may as well
    /// come right after the step before it: no other thread can tell. For the view only.
    pub show_unlocking: bool,
    /// Whether to leave out schedules that differ from one that is run only by the order of
    /// neighbouring steps that can change places (see [`Id`]): they end the same. (The algorithm is
    /// that of *sleep sets*, P. Godefroid, 1996.)
    ///
    /// What a step does to anything shared, it must do to objects that it names. Free of that
    /// is what can change places with any step of another thread, such as adding to a sum.
    pub reduce: bool,
    /// End the search at the first schedule that is [`End::bad`].
    pub stop_at_first_bad: bool,
    /// End the search after so many runs, complete or not.
    pub at_most: u64,
    /// After so many steps a schedule has no end.
    pub most_steps: usize,
    /// The program is a reader's own: its end is that of `main`, whatever its threads do, and
    /// a thread that looks at the same things again and again waits until they change, as long
    /// as another thread can do something.
    pub own: bool,
    /// What an access to an atomic can see.
    pub memory: Memory,
}

/// What threads see of each other's writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// All threads see each write at once, whatever `Ordering` says.
    SequentiallyConsistent,
    /// All that Rust allows, except what reads from the future (*load buffering*). Then a schedule is
    /// an *execution*: what each access reads, and in which order the writes are.
    /// With [`Bounds::reduce`], each is run once.
    Rust,
    /// The latter as soon as the program names a fence or an ordering weaker than `SeqCst`.
    AsNamed,
}

impl Bounds {
    /// How often a step may be chosen in each way, by [`Chosen::place`].
    fn allowed(&self) -> [u32; 4] {
        [u32::MAX, self.timeouts, self.spurious, self.failures]
    }

    /// No names, nothing allowed, nothing left out.
    pub const NONE: Self = Self {
        threads: &[],
        objects: &[],
        timeouts: 0,
        spurious: 0,
        failures: 0,
        show_unlocking: false,
        reduce: false,
        stop_at_first_bad: false,
        at_most: u64::MAX,
        most_steps: 10_000,
        own: false,
        memory: Memory::SequentiallyConsistent,
    };
}

/// What a search has found.
#[derive(Debug)]
pub struct Found {
    /// How many schedules were run: all there are, unless the bounds ended the search.
    pub schedules: u64,
    /// How often the program was run: also for what turned out to be no new schedule.
    pub runs: u64,
    /// Whether memory was as [`Memory::Rust`] has it.
    pub weak: bool,
    /// How often each end was seen.
    pub ends: BTreeMap<End, u64>,
    /// The most steps that each thread took.
    pub steps: Vec<usize>,
    /// Of the bad schedules the one with the fewest steps, and then the fewest switches from
    /// one thread to another: the thread that took each step.
    pub shortest_bad: Option<Vec<usize>>,
}

impl Found {
    /// How many schedules ended badly.
    pub fn bad(&self) -> u64 {
        let bad = self.ends.iter().filter(|(end, _)| end.bad);
        bad.map(|(_, count)| count).sum()
    }
}

/// Runs `program` under every schedule within the bounds. What it returns is how it ended.
/// A deadlock is a bad end, also of threads that it leaves behind; so is its panic.
///
/// # Panics
///
/// If `program` takes more than 10,000 steps: it may have no end.
pub fn search(bounds: Bounds, program: impl Fn() -> End + Send + Sync + 'static) -> Found {
    run(Run::new(bounds), program).found()
}

/// Runs `program` under every schedule, and keeps each state that it can be in. For small
/// programs.
pub fn graph(bounds: Bounds, program: impl Fn() -> End + Send + Sync + 'static) -> Graph {
    let mut run = Run::new(bounds);
    run.graph = Some(Graph::default());
    graph_of(self::run(run, program))
}

fn graph_of(run: Run) -> Graph {
    let mut graph = run.graph.expect("it was to be kept");
    graph.finish();
    graph
}

fn run(run: Run, program: impl Fn() -> End + Send + Sync + 'static) -> Run {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.silence_warnings = true;
    config.stack_size = 128 * 1024;
    config.max_steps = MaxSteps::None;
    RUN.set(Some(run));
    Runner::new(DepthFirst, config).run(move || {
        keep_quiet_about_panics();
        let end = catch(&program).unwrap_or_else(|_| End::bad("it panics"));
        with(|run| run.end = Some(end));
    });
    RUN.take().expect("it was put there above")
}

/// A panic in a program under search is one of its outcomes, and not to be printed.
fn keep_quiet_about_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let message = panic.payload_as_str().unwrap_or("no message");
            let place = panic.location().map_or(String::new(), own::place);
            let words = format!("{place}: {message}");
            // While the run is borrowed, it is the search itself that panics.
            let in_program = RUN.with(|run| {
                let mut run = run.try_borrow_mut().ok()?;
                let run = run.as_mut()?;
                let current = run.current;
                let before = run.panics;
                run.panics += 1;
                let thread = run.thread(current);
                thread.panics += 1;
                thread.panic = Some((before, words.clone()));
                run.show_panic();
                Some(())
            });
            if in_program.is_none() {
                print(panic);
            }
        }));
    });
}

thread_local! {
    static RUN: RefCell<Option<Run>> = const { RefCell::new(None) };
}

/// A search, and the execution that it is at.
struct Run {
    bounds: Bounds,
    started: bool,

    schedules: u64,
    runs: u64,
    ends: BTreeMap<End, u64>,
    steps: Vec<usize>,
    shortest_bad: Option<((usize, usize), Vec<usize>)>,
    graph: Option<Graph>,
    /// The choices of the execution, and of the one before it.
    choices: Vec<Choice>,

    // The execution.
    depth: usize,
    ids: usize,
    /// Turns that have been tried before, in an order that makes no difference.
    asleep: Vec<Asleep>,
    /// Nothing that this execution can still do is new.
    redundant: bool,
    /// How many steps were taken since that was known.
    redundant_steps: usize,
    current: usize,
    threads: Vec<Thread>,
    objects: Vec<Shown>,
    /// How often a step may still be chosen in each way, by [`Chosen::place`].
    left: [u32; 4],
    /// How the step that begins was chosen.
    chosen: Chosen,
    /// Operations that are no thread's step.
    aside: bool,
    end: Option<End>,
    /// Unlike that of any other execution of this process, and never 0.
    serial: u64,
    /// How often each object was changed, acquired or released; and how often it was changed if
    /// its value is not in view.
    changes: BTreeMap<usize, (u64, u64)>,
    /// How many panics there were.
    panics: usize,
    /// How a reader's own program ended, as soon as it has.
    ended: Option<own::Seen>,
    /// The steps of the execution, if they are to be shown.
    shown: Option<Vec<own::Step>>,
    own_ends: BTreeMap<(own::Seen, String), own::Way>,
    /// How the schedules to run begin.
    forced: Option<Vec<Turn>>,
    /// The first turn of that which was not possible.
    impossible: Option<usize>,
    /// Where everything stood behind that.
    standing: Option<own::Standing>,
    /// Is told how far the search is, and ends it by false.
    watch: Option<Box<dyn FnMut(own::Progress) -> bool>>,
    /// A schedule was longer than the bounds allow.
    too_long: bool,
    /// Whether all schedules were run.
    complete: bool,
    /// A thread that only looked had to wait for a change.
    waited: bool,
    /// Since which step of the execution all threads have only looked.
    idle_since: Option<usize>,
    /// The program tries locks; that was found out just now, so the search begins again.
    tries: bool,
    again: bool,
    /// The program looks whether a thread has ended, or leaves one behind; likewise.
    observes: bool,
    /// It names a fence or an ordering weaker than `SeqCst`; likewise.
    names: bool,
    /// Memory is as [`Memory::Rust`] has it.
    weak: bool,
    /// What the atomics of the execution have seen, and the number of each in it.
    memory: Execution,
    locations: BTreeMap<usize, usize>,
    /// The step is an access, and what it has read.
    accessed: bool,
    read: Option<u64>,
    /// What is known to those that acquire an object.
    released: BTreeMap<usize, Clock>,
    /// The accesses to what is no atomic.
    plain: BTreeMap<usize, Vec<access::Touch>>,
}

#[derive(Default)]
struct Thread {
    name: String,
    /// What it does as soon as it is chosen.
    next: Option<Next>,
    /// What that means for the memory, by [`Chosen::older`].
    ways: Vec<Means>,
    finished: bool,
    /// How many panics are on their way through it.
    panics: usize,
    steps: usize,
    /// What it did in its steps, the last one at the end.
    history: Vec<String>,
    /// Where it was at its last steps, and what it looked at there; in a reader's own program.
    looks: Vec<own::Look>,
    /// It was joined: what became of it is the program's own business.
    joined: bool,
    /// The words of its last panic, and how many there were before, in any thread.
    panic: Option<(usize, String)>,
    /// Where it waits for another thread's end.
    joins: Option<&'static Location<'static>>,
    /// Where it is in its step, if it has said so.
    is_at: Option<&'static Location<'static>>,
}

/// What there is to see of a shared object.
#[derive(Clone)]
struct Shown {
    name: String,
    value: Option<i64>,
    /// The threads that hold it, each with the place where it took it.
    held: Vec<(usize, &'static Location<'static>)>,
    id: Id,
    /// It is not in [`Bounds::objects`].
    nameless: bool,
}

impl Shown {
    /// The thread that holds it, and where it took it. Of several readers the first in the order of
    /// threads, whichever came first.
    fn holder(&self) -> Option<(usize, &'static Location<'static>)> {
        self.held.iter().copied().min_by_key(|it| it.0)
    }
}

impl Run {
    fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            started: false,
            schedules: 0,
            runs: 0,
            ends: BTreeMap::new(),
            steps: Vec::new(),
            shortest_bad: None,
            graph: None,
            choices: Vec::new(),
            depth: 0,
            ids: 0,
            asleep: Vec::new(),
            redundant: false,
            redundant_steps: 0,
            current: 0,
            threads: Vec::new(),
            objects: Vec::new(),
            left: [0; 4],
            chosen: Chosen::Ready,
            aside: false,
            end: None,
            serial: 0,
            changes: BTreeMap::new(),
            panics: 0,
            ended: None,
            shown: None,
            own_ends: BTreeMap::new(),
            forced: None,
            impossible: None,
            standing: None,
            watch: None,
            too_long: false,
            complete: false,
            waited: false,
            idle_since: None,
            tries: false,
            again: false,
            observes: false,
            names: false,
            weak: false,
            memory: Execution::default(),
            locations: BTreeMap::new(),
            accessed: false,
            read: None,
            released: BTreeMap::new(),
            plain: BTreeMap::new(),
        }
    }

    fn found(self) -> Found {
        Found {
            schedules: self.schedules,
            runs: self.runs,
            weak: self.weak,
            ends: self.ends,
            steps: self.steps,
            shortest_bad: self.shortest_bad.map(|(_, schedule)| schedule),
        }
    }

    /// Whether anybody wants to know what the steps do.
    fn is_seen(&self) -> bool {
        self.graph.is_some() || self.shown.is_some()
    }

    /// Whether shuttle takes the threads apart that are left: it unwinds them without a panic.
    fn is_over(&self) -> bool {
        panicking() && self.threads.iter().all(|thread| thread.panics == 0)
    }

    /// In a graph of a reader's own program, an object that has no name is called as it is at the
    /// place of its first use.
    fn name_objects(&mut self, place: &Location<'_>, touches: &[Id]) {
        if !self.bounds.own || self.graph.is_none() {
            return;
        }
        for number in self.bounds.objects.len()..self.objects.len() {
            let object = &mut self.objects[number];
            let touched = touches.iter().any(|id| id.is(object.id));
            if touched && mem::take(&mut object.nameless) {
                object.name = text::receiver(place).unwrap_or_else(|| object.name.clone());
            }
        }
    }

    fn thread(&mut self, number: usize) -> &mut Thread {
        while self.threads.len() <= number {
            let next = self.threads.len();
            self.threads.push(Thread {
                name: match self.bounds.threads.get(next) {
                    Some(&name) => name.into(),
                    None if self.bounds.own && next == 0 => "main".into(),
                    None => format!("thread {next}"),
                },
                ..Thread::default()
            });
        }
        &mut self.threads[number]
    }
}

fn with<T>(act: impl FnOnce(&mut Run) -> T) -> Option<T> {
    RUN.with_borrow_mut(|run| run.as_mut().map(act))
}

/// Whether a thread can take its next step.
#[derive(Clone, Debug)]
pub enum Ready {
    /// At any time.
    Always,
    /// At any time; or it may be chosen in this other way, if the bounds still allow that.
    AlwaysOr(Chosen),
    /// As soon as the flag is up.
    When(Flag),
    /// As soon as the flag is up; before that it may be chosen in any of these ways, if the
    /// bounds still allow that.
    WhenOr(Flag, &'static [Chosen]),
}

impl Ready {
    /// In which ways a step can be chosen beside the usual one.
    fn others(&self) -> &[Chosen] {
        match self {
            Self::Always | Self::When(_) => &[],
            Self::AlwaysOr(other) => slice::from_ref(other),
            Self::WhenOr(_, others) => others,
        }
    }
}

/// Something that a thread can wait for.
#[derive(Clone, Debug, Default)]
pub struct Flag(Arc<AtomicBool>);

impl Flag {
    /// A flag that is up or down.
    pub fn new(up: bool) -> Self {
        Self(Arc::new(AtomicBool::new(up)))
    }

    /// Puts it up or down.
    pub fn set(&self, up: bool) {
        self.0.store(up, SeqCst);
    }

    /// Whether this is the very same flag.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether it is up.
    pub fn is_up(&self) -> bool {
        self.0.load(SeqCst)
    }
}

/// In which way a step was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Chosen {
    /// It is ready.
    Ready,
    /// Its time is over.
    TimedOut,
    /// It has waited, and goes on for no reason.
    Spurious,
    /// The system refuses.
    Failed,
    /// It is ready, and does not read the newest write that it could, but one that is by so many
    /// older; or it puts its own write before so many.
    Older(u16),
}

impl Chosen {
    /// Which budget it takes from; that of 0 is without end.
    fn place(self) -> usize {
        match self {
            Self::Ready | Self::Older(_) => 0,
            Self::TimedOut => 1,
            Self::Spurious => 2,
            Self::Failed => 3,
        }
    }

    /// By how many writes it is not the newest, if it is an ordinary step.
    fn older(self) -> Option<usize> {
        match self {
            Self::Ready => Some(0),
            Self::Older(by) => Some(by.into()),
            _ => None,
        }
    }

    fn newest_but(by: usize) -> Self {
        match by {
            0 => Self::Ready,
            _ => Self::Older(u16::try_from(by).unwrap_or(u16::MAX)),
        }
    }
}

/// What a step touches, and how. Two steps can change places if they have no object in common, or
/// both only look at it, or both do to it what comes to the same in either order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    number: usize,
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Changed,
    LookedAt,
    CountedDown,
}

impl Default for Id {
    fn default() -> Self {
        Self::new()
    }
}

impl Id {
    /// What printing touches: as if it were one more budget.
    pub(crate) const OUTPUT: Self = Self::of(4);

    /// What steps have in common that may be chosen in this way: only so many of them may be.
    fn budget(chosen: Chosen) -> Self {
        Self::of(chosen.place())
    }

    /// What a step touches that may touch anything.
    pub const ALL: Self = Self::of(usize::MAX);

    const fn of(number: usize) -> Self {
        let how = How::Changed;
        Self { number, how }
    }

    /// The same, for a step that looks at it and changes nothing.
    pub fn looked_at(self) -> Self {
        let how = How::LookedAt;
        Self { how, ..self }
    }

    /// The same, for a step that takes one off a count, and is not told what is left.
    pub fn counted_down(self) -> Self {
        let how = How::CountedDown;
        Self { how, ..self }
    }

    fn is(self, other: Self) -> bool {
        self.number == other.number
    }

    fn can_change_places_with(self, other: Self) -> bool {
        !self.is(other) || (self.how == other.how && self.how != How::Changed)
    }

    /// A new one in each call.
    pub fn new() -> Self {
        let id = with(|run| {
            run.ids += 1;
            // Those below are the budgets and the output.
            run.left.len() + 1 + run.ids
        });
        Self::of(id.unwrap_or(0))
    }
}

/// Ends the step that the running thread is at. Returns when it is chosen to take its next
/// one, which is described by `next`, touches these objects, and begins now.
///
/// Outside of a search and in [`aside`] it returns at once.
#[track_caller]
pub fn step(next: impl FnOnce() -> String, ready: Ready, touches: &[Id]) -> Chosen {
    step_at(Location::caller(), next, ready, touches)
}

/// The same for a step whose place in the program is this one.
pub fn step_at(
    place: &'static Location<'static>,
    next: impl FnOnce() -> String,
    ready: Ready,
    touches: &[Id],
) -> Chosen {
    take(place, next, ready, touches, None)
}

/// The same for a step that may be an access to an atomic.
fn take(
    place: &'static Location<'static>,
    next: impl FnOnce() -> String,
    ready: Ready,
    touches: &[Id],
    access: Option<Accesses>,
) -> Chosen {
    let Some((aside, seen)) = with(|run| (run.aside || run.is_over(), run.is_seen())) else {
        return Chosen::Ready;
    };
    if aside {
        return Chosen::Ready;
    }
    let label = if seen {
        with(|run| run.name_objects(place, touches));
        next()
    } else {
        String::new()
    };
    with(|run| {
        let mut touches = touches.to_vec();
        for &other in ready.others() {
            // With nothing allowed, there is nothing to share. Of an access it is known which turn
            // takes it.
            if access.is_none() && run.bounds.allowed()[other.place()] > 0 {
                touches.push(Id::budget(other));
            }
        }
        let current = run.current;
        let idle = match run.bounds.own {
            true => run.look(place, &touches, access.is_some()),
            false => None,
        };
        run.thread(current).next = Some(Next {
            label,
            place,
            ready,
            touches,
            idle,
            access,
        });
    });
    shuttle::thread::yield_now();
    with(|run| run.chosen).unwrap_or(Chosen::Ready)
}

/// A step that no other thread can tell from a part of the one before it: it is one only
/// if the bounds say so.
pub fn step_for_the_view(place: &'static Location<'static>, next: impl FnOnce() -> String) {
    if with(|run| run.bounds.show_unlocking) == Some(true) {
        step_at(place, next, Ready::Always, &[]);
    }
}

/// Says where the running thread is in its step. Of a step that is no operation, but what a
/// coroutine does, this is the place: the first one that is told.
pub fn is_at(place: &'static Location<'static>) {
    with(|run| {
        let current = run.current;
        run.thread(current).is_at.get_or_insert(place);
    });
}

/// Adds to what the running thread has done in its step.
pub fn did(what: impl FnOnce() -> String) {
    if with(|run| run.is_seen() && !run.aside) != Some(true) {
        return;
    }
    let what = what();
    with(|run| {
        let current = run.current;
        if let Some(step) = run.shown.as_mut().and_then(|shown| shown.last_mut()) {
            step.add(&what);
        }
        if let Some(done) = run.thread(current).history.last_mut() {
            if !done.is_empty() {
                done.push_str(", ");
            }
            done.push_str(&what);
        }
    });
}

/// Says that the program tries to acquire something without waiting, so that releasing it can be
/// seen, and is a step: [`unlocking_is_seen`] is true from now on.
pub fn tries() {
    with(|run| {
        if run.bounds.own && !run.tries {
            run.tries = true;
            run.again = true;
        }
    });
}

/// Whether releasing a lock is a step.
pub fn unlocking_is_seen() -> bool {
    with(|run| run.tries && !run.aside && !run.is_over()) == Some(true)
}

/// The same for locks that can be tried in a lesson too, where it is not found out.
pub fn unlocking_may_be_seen() -> bool {
    with(|run| !run.bounds.own) == Some(true) || unlocking_is_seen()
}

/// Says that the step changes this: a thread that waits for a change of it may go on.
pub fn changed(id: Id) {
    count(id, true);
}

fn count(id: Id, out_of_view: bool) {
    with(|run| {
        let counts = run.changes.entry(id.number).or_default();
        counts.0 += 1;
        counts.1 += u64::from(out_of_view);
    });
}

fn serial() -> u64 {
    with(|run| run.serial).unwrap_or(0)
}

/// Whether a panic is on its way through the running thread. (The tasks of shuttle share a
/// thread of the system: what `std` says may be true of another one.)
pub fn is_unwinding() -> bool {
    panics() > 0
}

/// How many panics are on their way through the running thread.
pub fn panics() -> usize {
    with(|run| {
        let current = run.current;
        run.thread(current).panics
    })
    .unwrap_or(0)
}

/// `std::panic::catch_unwind`, for a thread of the program.
///
/// # Errors
///
/// What `act` panicked with.
pub fn catch<T>(act: impl FnOnce() -> T) -> thread::Result<T> {
    // A destructor may call this while another panic is on its way, which stays so.
    let before = panics();
    let result = panic::catch_unwind(panic::AssertUnwindSafe(act));
    with(|run| {
        let current = run.current;
        run.thread(current).panics = before;
    });
    result
}

/// `std::panic::resume_unwind`, for a thread of the program.
pub fn resume(panic: Box<dyn Any + Send>) -> ! {
    with(|run| {
        let current = run.current;
        run.thread(current).panics += 1;
    });
    panic::resume_unwind(panic)
}

/// Whether a thread may be refused: then asking for one is a step.
pub fn may_fail() -> bool {
    with(|run| run.bounds.failures > 0) == Some(true)
}

/// Says that the running thread has come to its end, by a panic or not.
pub fn finished(panicked: bool) {
    with(|run| {
        let current = run.current;
        let thread = run.thread(current);
        thread.finished = true;
        if !panicked {
            thread.panic = None;
        }
    });
}

/// Gives the thread of this number a name, in a reader's own program. (Others have theirs from
/// [`Bounds::threads`].)
pub fn name_thread(number: usize, name: &str) {
    with(|run| {
        if run.bounds.own {
            run.thread(number).name = name.into();
        }
    });
}

/// Says that the running thread waits at this place for others to end; or no more.
pub fn waits_at(place: Option<&'static Location<'static>>) {
    with(|run| {
        let current = run.current;
        run.thread(current).joins = place;
    });
}

/// Says that the end of this thread is waited for, and that its panic does not go unseen.
pub fn joined(number: usize) {
    with(|run| run.thread(number).joined = true);
}

/// Says that the running thread waits for the end of this one, and is told how it ended.
#[track_caller]
pub fn join<T>(number: usize, wait: impl FnOnce() -> T) -> T {
    let place = Location::caller();
    let joins = |place| {
        with(|run| {
            let current = run.current;
            run.thread(current).joins = place;
            run.thread(number).joined = true;
        });
    };
    joins(Some(place));
    let result = wait();
    joins(None);
    result
}

/// Does what is not the program's own: its operations are no steps. No thread may hold a
/// lock that it takes.
pub fn aside<T>(act: impl FnOnce() -> T) -> T {
    let before = with(|run| std::mem::replace(&mut run.aside, true));
    let result = act();
    with(|run| run.aside = before == Some(true));
    result
}

/// The number of the running thread: 0 for the one that starts the others.
pub fn me() -> usize {
    with(|run| run.current).unwrap_or(0)
}

/// How many steps the running thread has taken.
pub fn steps() -> usize {
    with(|run| {
        let current = run.current;
        run.thread(current).steps
    })
    .unwrap_or(0)
}

/// How many waits may still time out in this schedule. Looking is a step.
pub fn timeouts_left() -> u32 {
    let clock = Id::budget(Chosen::TimedOut);
    step(|| "look at the clock".into(), Ready::Always, &[clock]);
    with(|run| run.left[Chosen::TimedOut.place()]).unwrap_or(0)
}

/// A shared object, as far as it is in view: its name, its value if that is a number, and
/// the thread that holds it.
#[derive(Debug)]
pub struct Object(PerRun<Known>);

#[derive(Debug, Default)]
struct Known {
    number: usize,
    id: Id,
}

impl Object {
    /// The next one of [`Bounds::objects`], when it is first used in an execution.
    #[expect(clippy::new_without_default, reason = "const")]
    pub const fn new() -> Self {
        Self(PerRun::new())
    }

    fn known(&self, value: impl FnOnce() -> Option<i64>) -> Arc<Known> {
        self.0.get_or(|| {
            let value = value();
            let number = with(|run| {
                let number = run.objects.len();
                let name = run.bounds.objects.get(number).copied().unwrap_or("it");
                (number, name)
            });
            let id = Id::new();
            let (number, name) = number.unwrap_or((0, "it"));
            with(|run| {
                run.objects.push(Shown {
                    name: name.into(),
                    value,
                    held: Vec::new(),
                    id,
                    nameless: name == "it",
                });
            });
            Known { number, id }
        })
    }

    /// What a step touches that touches this. If it is the first one, the object has this value.
    pub fn id<T>(&self, value: &T) -> Id {
        self.known(|| number(value)).id
    }

    /// Its name.
    pub fn name(&self) -> String {
        let place = self.known(|| None).number;
        let name = with(|run| run.objects.get(place).map(|object| object.name.clone()));
        name.flatten().unwrap_or_default()
    }

    /// Shows its new value.
    pub fn set_value<T>(&self, value: &T) {
        let known = self.known(|| None);
        let value = number(value);
        with(|run| {
            if let Some(object) = run.objects.get_mut(known.number) {
                object.value = value;
            }
        });
        count(known.id, value.is_none());
    }

    /// Shows that the running thread holds it, or does no more.
    #[track_caller]
    pub fn set_held(&self, held: bool) {
        let place = Location::caller();
        let known = self.known(|| None);
        with(|run| {
            let current = run.current;
            let Some(object) = run.objects.get_mut(known.number) else {
                return;
            };
            match object.held.iter().position(|it| it.0 == current) {
                _ if held => object.held.push((current, place)),
                place => drop(object.held.remove(place.unwrap_or(0))),
            }
        });
        count(known.id, false);
    }
}

/// The value, if it is a number that can be shown.
pub fn number<T>(value: &T) -> Option<i64> {
    if let Ok(&number) = castaway::cast!(value, &i64) {
        return Some(number);
    }
    if let Ok(&number) = castaway::cast!(value, &u64) {
        return i64::try_from(number).ok();
    }
    if let Ok(&number) = castaway::cast!(value, &i32) {
        return Some(number.into());
    }
    if let Ok(&number) = castaway::cast!(value, &u32) {
        return Some(number.into());
    }
    if let Ok(&number) = castaway::cast!(value, &usize) {
        return i64::try_from(number).ok();
    }
    castaway::cast!(value, &bool).ok().map(|&yes| yes.into())
}

/// Notes of a program that its [`End`] is made from. To make one is a step: their order tells
/// who was first.
#[derive(Clone, Debug)]
pub struct Notes<T> {
    id: Id,
    notes: Arc<Mutex<Vec<T>>>,
}

impl<T> Notes<T> {
    /// No notes yet.
    #[expect(clippy::new_without_default, reason = "none is like another")]
    pub fn new() -> Self {
        let (id, notes) = (Id::new(), Arc::default());
        Self { id, notes }
    }

    /// Adds one.
    pub fn push(&self, note: T) {
        step(|| "note it".into(), Ready::Always, &[self.id]);
        self.notes().push(note);
    }

    /// All notes so far, in their order. No step: to be called when no more are made.
    pub fn take(&self) -> Vec<T> {
        std::mem::take(&mut self.notes())
    }

    fn notes(&self) -> MutexGuard<'_, Vec<T>> {
        self.notes.lock().expect("nothing panics under it")
    }
}
