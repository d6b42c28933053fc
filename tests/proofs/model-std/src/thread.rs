//! Threads: tasks of the search.

use interleave::{
    Chosen, Flag, Id, PerRun, Ready, acquire, catch, changed, clock, did, finished, learn,
    may_fail, me, name_thread, observes, release, resume, step, waits_at,
};
use real_std::collections::BTreeMap;
use real_std::fmt;
use real_std::io;
use real_std::mem::needs_drop;
use real_std::num::NonZero;
use real_std::panic::Location;
use real_std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use real_std::sync::{Arc, Mutex};
use real_std::time::Duration;

pub use crate::local::{AccessError, LocalKey};
pub use interleave::is_unwinding as panicking;
pub use real_std::thread::Result;

real_std::thread_local! {
    /// The threads of this search, by number.
    static THREADS: PerRun<Mutex<BTreeMap<usize, Thread>>> = const { PerRun::new() };
}

/// `std::thread::Thread`.
#[derive(Clone)]
pub struct Thread(Arc<Inner>);

struct Inner {
    number: usize,
    name: Option<String>,
    id: Id,
    /// It may go on, if it is or will be parked.
    token: Flag,
}

/// `std::thread::ThreadId`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadId(usize);

impl Thread {
    fn of(number: usize, name: Option<String>) -> Self {
        let threads = THREADS.with(PerRun::get);
        let mut threads = threads.lock().expect("no panic");
        let thread = threads.entry(number).or_insert_with(|| {
            Self(Arc::new(Inner {
                number,
                name,
                id: Id::new(),
                token: Flag::default(),
            }))
        });
        thread.clone()
    }

    /// As in `std`.
    pub fn id(&self) -> ThreadId {
        ThreadId(self.0.number + 1)
    }

    /// As in `std`.
    pub fn name(&self) -> Option<&str> {
        match self.0.number {
            0 => Some("main"),
            _ => self.0.name.as_deref(),
        }
    }

    /// As in `std`.
    #[track_caller]
    pub fn unpark(&self) {
        step(|| "unpark".into(), Ready::Always, &[self.0.id]);
        release(self.0.id);
        self.0.token.set(true);
        changed(self.0.id);
        did(|| "unparks".into());
    }

    /// It was parked, and takes the token, if there is one.
    fn go_on(&self) {
        if self.0.token.is_up() {
            acquire(self.0.id);
        }
        self.0.token.set(false);
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread")
            .field("id", &self.id())
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

/// `std::thread::current`.
pub fn current() -> Thread {
    Thread::of(me(), None)
}

/// `std::thread::park`: may also return for no reason.
#[track_caller]
pub fn park() {
    let thread = current();
    let ready = Ready::WhenOr(thread.0.token.clone(), &[Chosen::Spurious]);
    step(|| "park".into(), ready, &[thread.0.id]);
    thread.go_on();
    did(|| "goes on from its park".into());
}

/// `std::thread::park_timeout`; how long the limit is does not matter.
#[track_caller]
pub fn park_timeout(_: Duration) {
    let thread = current();
    let others = &[Chosen::TimedOut, Chosen::Spurious];
    let ready = Ready::WhenOr(thread.0.token.clone(), others);
    step(|| "park".into(), ready, &[thread.0.id]);
    thread.go_on();
    did(|| "goes on from its park".into());
}

/// `std::thread::available_parallelism`: 4.
///
/// # Errors
///
/// Never.
pub fn available_parallelism() -> io::Result<NonZero<usize>> {
    NonZero::new(4).ok_or(io::ErrorKind::Unsupported.into())
}

/// `std::thread::Builder`.
#[derive(Debug, Default)]
pub struct Builder(Option<String>);

impl Builder {
    /// As in `std`.
    pub fn new() -> Self {
        Self(None)
    }

    /// As in `std`.
    pub fn name(self, name: String) -> Self {
        Self(Some(name))
    }

    /// As in `std`. Stacks are small here, whatever is asked for.
    pub fn stack_size(self, _: usize) -> Self {
        self
    }

    /// As in `std`.
    ///
    /// # Errors
    ///
    /// If there is no thread to be had, as often as the bounds of the search allow.
    #[track_caller]
    pub fn spawn<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        ask()?;
        Ok(start(self.0, work))
    }

    /// As in `std`.
    ///
    /// # Errors
    ///
    /// If there is no thread to be had, as often as the bounds of the search allow.
    #[track_caller]
    pub fn spawn_scoped<'scope, T: Send + 'scope>(
        self,
        scope: &'scope Scope<'scope, '_>,
        work: impl FnOnce() -> T + Send + 'scope,
    ) -> io::Result<ScopedJoinHandle<'scope, T>> {
        ask()?;
        Ok(scope.start(self.0, work))
    }
}

#[track_caller]
fn ask() -> io::Result<()> {
    let ready = Ready::AlwaysOr(Chosen::Failed);
    if may_fail() && step(|| "ask for a thread".into(), ready, &[]) == Chosen::Failed {
        did(|| "gets no thread".into());
        return Err(io::ErrorKind::WouldBlock.into());
    }
    Ok(())
}

/// `std::thread::spawn`, where there is always a thread to be had.
#[track_caller]
pub fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    start(None, work)
}

#[track_caller]
fn start<T: Send + 'static>(
    name: Option<String>,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let (id, ended) = (Id::new(), Arc::new(AtomicBool::new(false)));
    let (end, known) = (Arc::clone(&ended), clock());
    let task = shuttle::thread::spawn(move || {
        learn(&known);
        let result = to_its_end(work, &end);
        release(id);
        // If the thread is not joined, the result is dropped by the thread or by its handle.
        if needs_drop::<T>() {
            step(|| "end".into(), Ready::Always, &[id]);
        }
        result
    });
    let thread = named(task.thread().id(), name);
    JoinHandle {
        id,
        ended,
        thread,
        task: Some(task),
    }
}

fn named(id: shuttle::thread::ThreadId, name: Option<String>) -> Thread {
    let number = usize::from(id);
    if let Some(name) = &name {
        name_thread(number, name);
    }
    Thread::of(number, name)
}

/// `std::thread::JoinHandle`.
pub struct JoinHandle<T> {
    id: Id,
    ended: Arc<AtomicBool>,
    thread: Thread,
    task: Option<shuttle::thread::JoinHandle<Result<T>>>,
}

impl<T> JoinHandle<T> {
    /// As in `std`: waits. That is no step, as there is nothing to see for others.
    ///
    /// # Errors
    ///
    /// What the thread panicked with.
    #[track_caller]
    pub fn join(mut self) -> Result<T> {
        let task = self.task.take().expect("joined once");
        let result = interleave::join(self.thread.0.number, || task.join().flatten());
        acquire(self.id);
        result
    }

    /// As in `std`.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// As in `std`.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        is_finished(&self.ended)
    }
}

/// A thread ends with its last step, which may touch anything.
#[track_caller]
fn is_finished(ended: &AtomicBool) -> bool {
    observes();
    step(
        || "look whether it has ended".into(),
        Ready::Always,
        &[Id::ALL],
    );
    ended.load(SeqCst)
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JoinHandle { .. }")
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if needs_drop::<T>() && self.task.is_some() {
            step(
                || "leave the thread to itself".into(),
                Ready::Always,
                &[self.id],
            );
        }
    }
}

/// `std::thread::scope`.
///
/// # Panics
///
/// If one of its threads has, and was not joined.
#[track_caller]
pub fn scope<'env, T>(work: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T) -> T {
    let place = Location::caller();
    let mut threads = None;
    let result = shuttle::thread::scope(|scope| {
        let scope = Scope::of(scope);
        // As in `std`, its panic waits for the threads.
        let result = catch(|| work(scope));
        threads = Some(SCOPES.with(PerRun::get).all(scope.key()));
        waits_at(Some(place));
        result
    });
    waits_at(None);
    let threads = threads.expect("set above");
    // Another scope may come to the same address.
    let threads = real_std::mem::take(&mut *threads.lock().expect("no panic"));
    for thread in &threads {
        acquire(thread.id);
    }
    let panicked =
        |thread: &Arc<Scoped>| thread.panicked.load(SeqCst) && !thread.joined.load(SeqCst);
    let result = result.unwrap_or_else(|panic| resume(panic));
    assert!(!threads.iter().any(panicked), "a scoped thread panicked");
    result
}

real_std::thread_local! {
    static SCOPES: PerRun<Scopes> = const { PerRun::new() };
}

/// The threads of each scope, by its address.
#[derive(Default)]
struct Scopes(Mutex<BTreeMap<usize, Arc<Threads>>>);

type Threads = Mutex<Vec<Arc<Scoped>>>;

impl Scopes {
    fn all(&self, scope: usize) -> Arc<Threads> {
        let mut scopes = self.0.lock().expect("no panic");
        Arc::clone(scopes.entry(scope).or_default())
    }
}

#[derive(Default)]
struct Scoped {
    id: Id,
    ended: AtomicBool,
    panicked: AtomicBool,
    joined: AtomicBool,
}

/// `std::thread::Scope`.
#[repr(transparent)]
pub struct Scope<'scope, 'env: 'scope>(shuttle::thread::Scope<'scope, 'env>);

impl<'scope, 'env> Scope<'scope, 'env> {
    fn of(scope: &'scope shuttle::thread::Scope<'scope, 'env>) -> &'scope Self {
        // SAFETY: it is the same type in another name.
        unsafe { &*(&raw const *scope).cast() }
    }

    fn key(&self) -> usize {
        (&raw const *self).addr()
    }

    /// As in `std`.
    #[track_caller]
    pub fn spawn<T: Send + 'scope>(
        &'scope self,
        work: impl FnOnce() -> T + Send + 'scope,
    ) -> ScopedJoinHandle<'scope, T> {
        self.start(None, work)
    }

    #[track_caller]
    fn start<T: Send + 'scope>(
        &'scope self,
        name: Option<String>,
        work: impl FnOnce() -> T + Send + 'scope,
    ) -> ScopedJoinHandle<'scope, T> {
        let scoped = Arc::new(Scoped::default());
        let all = SCOPES.with(PerRun::get).all(self.key());
        all.lock().expect("no panic").push(Arc::clone(&scoped));
        let (state, known) = (Arc::clone(&scoped), clock());
        let task = self.0.spawn(move || {
            learn(&known);
            let result = to_its_end(work, &state.ended);
            release(state.id);
            state.panicked.store(result.is_err(), SeqCst);
            result
        });
        let thread = named(task.thread().id(), name);
        // The scope waits for it, and tells of its panic.
        interleave::joined(thread.0.number);
        ScopedJoinHandle {
            thread,
            scoped,
            task,
        }
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scope { .. }")
    }
}

/// `std::thread::ScopedJoinHandle`.
pub struct ScopedJoinHandle<'scope, T> {
    thread: Thread,
    scoped: Arc<Scoped>,
    task: shuttle::thread::ScopedJoinHandle<'scope, Result<T>>,
}

impl<T> ScopedJoinHandle<'_, T> {
    /// As in `std`: waits. That is no step, as there is nothing to see for others.
    ///
    /// # Errors
    ///
    /// What the thread panicked with.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        let result = interleave::join(self.thread.0.number, || self.task.join().flatten());
        acquire(self.scoped.id);
        self.scoped.joined.store(true, SeqCst);
        result
    }

    /// As in `std`.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// As in `std`.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        is_finished(&self.scoped.ended)
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScopedJoinHandle { .. }")
    }
}

/// `std::thread::sleep`. No step: how long it takes does not matter, and orders nothing.
pub fn sleep(_: Duration) {}

/// `std::thread::yield_now`.
#[track_caller]
pub fn yield_now() {
    step(|| "give way".into(), Ready::Always, &[]);
}

/// A panic is the end of the thread, and not of the search.
fn to_its_end<T>(work: impl FnOnce() -> T, ended: &AtomicBool) -> Result<T> {
    let result = catch(work);
    finished(result.is_err());
    ended.store(true, SeqCst);
    result
}
