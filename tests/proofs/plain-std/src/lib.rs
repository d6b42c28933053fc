//! shuttle's own primitives in the place of `std`'s, and its own search: a second opinion on our
//! models. The programs of `tests/own` are compiled against this crate.

extern crate self as std;
extern crate shuttle as peer;
pub extern crate std as real;

use real::cell::RefCell;
use real::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use real::rc::Rc;

use shuttle::scheduler::{DfsScheduler, Schedule, Scheduler, Task, TaskId};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

#[path = "../../peers/peer.rs"]
mod common;

pub use common::{Found, MainEnd};
pub use real::{cell, cmp, collections, fmt, marker, mem, ops, ptr, time};
pub use shuttle::{hint, sync};

/// `std::prelude`.
pub mod prelude {
    pub use crate::real::prelude::*;
}

/// `std::panic`.
pub mod panic {
    pub use crate::real::panic::{AssertUnwindSafe, catch_unwind};
}

/// `std::thread`: shuttle ends its search when a thread panics, unless the panic is caught.
pub mod thread {
    use crate::common::{joined, take_lost, to_its_end};

    pub use crate::common::{JoinHandle, spawn};
    pub use shuttle::thread::{current, park, sleep, yield_now};

    /// `std::thread::Scope`.
    #[derive(Clone, Copy, Debug)]
    pub struct Scope<'scope, 'env>(&'scope shuttle::thread::Scope<'scope, 'env>);

    /// `std::thread::ScopedJoinHandle`.
    #[derive(Debug)]
    pub struct ScopedJoinHandle<'scope, T>(
        shuttle::thread::ScopedJoinHandle<'scope, crate::real::thread::Result<T>>,
    );

    /// `std::thread::scope`.
    ///
    /// # Panics
    ///
    /// If a thread of the scope panicked and was not joined.
    pub fn scope<'env, T>(act: impl for<'scope> FnOnce(Scope<'scope, 'env>) -> T) -> T {
        let result = shuttle::thread::scope(|scope| act(Scope(scope)));
        assert!(take_lost() == 0, "a scoped thread panicked");
        result
    }

    impl<'scope> Scope<'scope, '_> {
        /// As in `std`.
        pub fn spawn<T: Send + 'scope>(
            self,
            work: impl FnOnce() -> T + Send + 'scope,
        ) -> ScopedJoinHandle<'scope, T> {
            ScopedJoinHandle(self.0.spawn(move || to_its_end(work)))
        }
    }

    impl<T> ScopedJoinHandle<'_, T> {
        /// As in `std`.
        ///
        /// # Errors
        ///
        /// What the thread has panicked with.
        pub fn join(self) -> crate::real::thread::Result<T> {
            joined(self.0.join())
        }
    }
}

macro_rules! println {
    ($($text:tt)*) => { $crate::common::print(&($crate::real::fmt::format(format_args!($($text)*)) + "\n")) };
}

macro_rules! thread_local {
    ($($text:tt)*) => { peer::thread_local! { $($text)* } };
}

include!(concat!(env!("OUT_DIR"), "/programs.rs"));

/// shuttle's own search. It outlives the runner, which a deadlock ends.
#[derive(Clone)]
struct Search(Rc<RefCell<DfsScheduler>>);

impl Scheduler for Search {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.0.borrow_mut().new_execution()
    }

    fn next_task(
        &mut self,
        can_run: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        // Who yields waits for another thread's step: otherwise a loop that yields has no end.
        let others = can_run.iter().filter(|task| Some(task.id()) != current);
        let others: Vec<_> = others.copied().collect();
        let can_run = match is_yielding && !others.is_empty() {
            true => &others,
            false => can_run,
        };
        self.0.borrow_mut().next_task(can_run, current, is_yielding)
    }

    fn next_u64(&mut self) -> u64 {
        unreachable!("nothing is random here")
    }
}

/// Runs the program in every order that shuttle knows.
///
/// # Panics
///
/// If shuttle does, and not because of a deadlock.
pub fn search(main: Program) -> Found {
    let search = Search(Rc::new(RefCell::new(DfsScheduler::new(None, false))));
    common::begin();
    loop {
        let mut config = Config::new();
        config.failure_persistence = FailurePersistence::None;
        config.silence_warnings = true;
        config.max_steps = MaxSteps::FailAfter(1_000);
        let runner = Runner::new(search.clone(), config);
        let run = || runner.run(move || common::execute(main));
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(_) => return common::found(),
            Err(panic) if common::is_deadlock(&common::words(&*panic)) => {
                common::end("is in a deadlock");
            }
            Err(panic) => resume_unwind(panic),
        }
    }
}
