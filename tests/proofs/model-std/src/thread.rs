//! Threads: tasks of the search.

use interleave::{Ready, catch, finished, step};
use real_std::io;
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

    /// As in `std`, but without an error: there is always a thread to be had.
    #[expect(clippy::missing_errors_doc, reason = "there are none")]
    pub fn spawn<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<JoinHandle<T>> {
        Ok(spawn(work))
    }
}

/// `std::thread::spawn`.
pub fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    JoinHandle(shuttle::thread::spawn(|| to_its_end(work)))
}

/// `std::thread::JoinHandle`.
#[derive(Debug)]
pub struct JoinHandle<T>(shuttle::thread::JoinHandle<Result<T>>);

impl<T> JoinHandle<T> {
    /// As in `std`: waits. That is no step, as there is nothing to see for others.
    ///
    /// # Errors
    ///
    /// What the thread panicked with.
    pub fn join(self) -> Result<T> {
        self.0.join().flatten()
    }

    /// As in `std`.
    pub fn thread(&self) -> &Thread {
        self.0.thread()
    }
}

/// `std::thread::scope`.
pub fn scope<'env, T>(work: impl for<'scope> FnOnce(&Scope<'scope, 'env>) -> T) -> T {
    shuttle::thread::scope(|scope| work(&Scope(scope)))
}

/// `std::thread::Scope`.
#[derive(Debug)]
pub struct Scope<'scope, 'env>(&'scope shuttle::thread::Scope<'scope, 'env>);

impl<'scope> Scope<'scope, '_> {
    /// As in `std`, but without a handle: the end of the scope waits.
    pub fn spawn<T: Send + 'scope>(&self, work: impl FnOnce() -> T + Send + 'scope) {
        self.0.spawn(|| drop(to_its_end(work)));
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
