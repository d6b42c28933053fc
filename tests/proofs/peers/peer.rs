//! What the crates that stand in the place of `std` have in common: threads whose panics are
//! seen by those that join them, recorded printing, and how a program ends.

use real::cell::RefCell;
use real::collections::BTreeSet;
use real::panic::{AssertUnwindSafe, catch_unwind};
use real::sync::Arc;
use real::{any, fmt};

use crate::peer;
use peer::sync::atomic::{AtomicU8, Ordering::SeqCst};

/// What a search has found.
#[derive(Debug, Default)]
pub struct Found {
    /// How the program can end, with what it has printed by then.
    pub ends: BTreeSet<String>,
    /// How often it was run.
    pub executions: u64,
}

#[derive(Default)]
struct Run {
    found: Found,
    /// So that the peer knows of printing, and tries its orders.
    output: Option<Arc<AtomicU8>>,
    printed: String,
    /// `main` has ended.
    over: bool,
    /// The words of the first panic that ended a thread.
    panic: Option<String>,
    /// How many threads have panicked and are not joined.
    lost: usize,
}

real::thread_local! {
    static RUN: RefCell<Run> = RefCell::default();
}

fn with<T>(act: impl FnOnce(&mut Run) -> T) -> T {
    RUN.with_borrow_mut(act)
}

/// Forgets what was found before.
pub(crate) fn begin() {
    with(|run| *run = Run::default());
}

/// What was found.
pub(crate) fn found() -> Found {
    with(|run| real::mem::take(&mut run.found))
}

/// An execution.
pub(crate) fn execute(main: crate::Program) {
    let output = Some(Arc::new(AtomicU8::new(0)));
    with(|run| {
        let mut found = real::mem::take(&mut run.found);
        found.executions += 1;
        *run = Run {
            found,
            output,
            ..Run::default()
        };
    });
    let result = catch(main);
    touch_output();
    let how = with(|run| match result {
        Ok(Ok(())) if run.lost == 0 => "ends".into(),
        Ok(Err(error)) => format!("returns an error, {error}"),
        _ => format!("panics, {}", run.panic.as_deref().unwrap_or_default()),
    });
    end(&how);
}

/// Notes how the execution ends, if that is not known yet.
pub(crate) fn end(how: &str) {
    with(|run| {
        if !real::mem::replace(&mut run.over, true) {
            let end = format!("{how}: {}", run.printed);
            run.found.ends.insert(end);
        }
    });
}

fn touch_output() {
    if let Some(output) = with(|run| run.output.clone()) {
        output.fetch_add(1, SeqCst);
    }
}

/// Records what is printed.
pub(crate) fn print(text: &str) {
    touch_output();
    with(|run| run.printed.push_str(text));
}

fn catch<T>(work: impl FnOnce() -> T) -> real::thread::Result<T> {
    catch_unwind(AssertUnwindSafe(work)).inspect_err(|panic| {
        let words = words(&**panic);
        // It is the search that panics, and not the program.
        assert!(!is_deadlock(&words), "{words}");
        with(|run| _ = run.panic.get_or_insert(words));
    })
}

/// The message of a panic.
pub(crate) fn words(panic: &dyn any::Any) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").into()
}

/// Whether this is what the search says of a deadlock.
pub(crate) fn is_deadlock(words: &str) -> bool {
    words.starts_with("deadlock! ")
}

/// The work of a thread, whose panic is lost until it is joined.
pub(crate) fn to_its_end<T>(work: impl FnOnce() -> T) -> real::thread::Result<T> {
    let result = catch(work);
    if result.is_err() {
        with(|run| run.lost += 1);
    }
    result
}

/// The result of a thread that was joined.
pub(crate) fn joined<T>(
    result: real::thread::Result<real::thread::Result<T>>,
) -> real::thread::Result<T> {
    let result = result.and_then(|result| result);
    if result.is_err() {
        with(|run| run.lost -= 1);
    }
    result
}

/// How many threads have panicked and are not joined; none any more.
#[allow(dead_code, reason = "loom has no scopes")]
pub(crate) fn take_lost() -> usize {
    with(|run| real::mem::take(&mut run.lost))
}

/// `std::thread::JoinHandle`.
#[derive(Debug)]
pub struct JoinHandle<T>(peer::thread::JoinHandle<real::thread::Result<T>>);

/// `std::thread::spawn`.
pub fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    JoinHandle(peer::thread::spawn(move || to_its_end(work)))
}

impl<T> JoinHandle<T> {
    /// As in `std`.
    ///
    /// # Errors
    ///
    /// What the thread has panicked with.
    pub fn join(self) -> real::thread::Result<T> {
        joined(self.0.join())
    }

    /// As in `std`.
    pub fn thread(&self) -> &peer::thread::Thread {
        self.0.thread()
    }
}

/// How `main` ends.
pub trait MainEnd {
    /// The error, if it is one.
    ///
    /// # Errors
    ///
    /// What `main` has returned.
    fn end(self) -> Result<(), String>;
}

impl MainEnd for () {
    fn end(self) -> Result<(), String> {
        Ok(())
    }
}

impl<T, E: fmt::Debug> MainEnd for Result<T, E> {
    fn end(self) -> Result<(), String> {
        self.map(drop).map_err(|error| format!("{error:?}"))
    }
}
