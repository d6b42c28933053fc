//! Threads: tasks of the search.

use interleave::{Chosen, Id, Ready, catch, did, finished, may_fail, step};
use real_std::io;
use real_std::mem::needs_drop;
use real_std::sync::Arc;
use real_std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use real_std::time::Duration;

pub use interleave::is_unwinding as panicking;
pub use real_std::thread::Result;
pub use shuttle::thread::{Thread, ThreadId, current};

/// `std::thread::Builder`.
#[derive(Debug, Default)]
pub struct Builder;

impl Builder {
    /// As in `std`.
    pub fn new() -> Self {
        Self
    }

    /// As in `std`; nothing here asks for the name.
    pub fn name(self, _name: String) -> Self {
        self
    }

    /// As in `std`.
    ///
    /// # Errors
    ///
    /// If there is no thread to be had, as often as the bounds of the search allow.
    pub fn spawn<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        let ready = Ready::AlwaysOr(Chosen::Failed);
        if may_fail() && step(|| "ask for a thread".into(), ready, &[]) == Chosen::Failed {
            did(|| "gets no thread".into());
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(spawn(work))
    }
}

/// `std::thread::spawn`, where there is always a thread to be had.
pub fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let id = Id::new();
    let thread = shuttle::thread::spawn(move || {
        let result = to_its_end(work);
        // If nobody joins the thread, the result is dropped by the thread or by its handle.
        if needs_drop::<T>() {
            step(|| "end".into(), Ready::Always, &[id]);
        }
        result
    });
    JoinHandle(id, Some(thread))
}

/// `std::thread::JoinHandle`.
#[derive(Debug)]
pub struct JoinHandle<T>(Id, Option<shuttle::thread::JoinHandle<Result<T>>>);

impl<T> JoinHandle<T> {
    /// As in `std`: waits. That is no step, as there is nothing to see for others.
    ///
    /// # Errors
    ///
    /// What the thread panicked with.
    pub fn join(mut self) -> Result<T> {
        let thread = self.1.take().expect("joined once");
        thread.join().flatten()
    }

    /// As in `std`.
    pub fn thread(&self) -> &Thread {
        self.1.as_ref().expect("not joined yet").thread()
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if needs_drop::<T>() && self.1.is_some() {
            step(
                || "leave the thread to itself".into(),
                Ready::Always,
                &[self.0],
            );
        }
    }
}

/// `std::thread::scope`.
///
/// # Panics
///
/// If one of its threads has.
pub fn scope<'env, T>(work: impl for<'scope> FnOnce(&Scope<'scope, 'env>) -> T) -> T {
    let panicked = Arc::new(AtomicBool::new(false));
    let result = shuttle::thread::scope(|scope| work(&Scope(scope, Arc::clone(&panicked))));
    assert!(!panicked.load(SeqCst), "a scoped thread panicked");
    result
}

/// `std::thread::Scope`.
#[derive(Debug)]
pub struct Scope<'scope, 'env>(
    &'scope shuttle::thread::Scope<'scope, 'env>,
    Arc<AtomicBool>,
);

impl<'scope> Scope<'scope, '_> {
    /// As in `std`, but without a handle: the end of the scope waits.
    pub fn spawn<T: Send + 'scope>(&self, work: impl FnOnce() -> T + Send + 'scope) {
        let panicked = Arc::clone(&self.1);
        self.0.spawn(move || {
            if to_its_end(work).is_err() {
                panicked.store(true, SeqCst);
            }
        });
    }
}

/// `std::thread::sleep`. No step: how long it takes does not matter, and nobody sees it.
pub fn sleep(_: Duration) {}

/// `std::thread::yield_now`.
pub fn yield_now() {
    step(|| "give way".into(), Ready::Always, &[]);
}

/// A panic is the end of the thread, and not of the search.
fn to_its_end<T>(work: impl FnOnce() -> T) -> Result<T> {
    let result = catch(work);
    finished();
    result
}
