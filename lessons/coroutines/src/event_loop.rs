// SPDX-License-Identifier: MIT OR Apache-2.0
//! A toy event loop: what a runtime does at an `await` that has to wait. It knows one thing
//! to wait for, the time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

type Task = Pin<Box<dyn Future<Output = ()>>>;
type Ready = Mutex<VecDeque<usize>>;
type Timers = RefCell<Vec<(Instant, Waker)>>;

#[derive(Default)]
pub struct EventLoop {
    /// By their numbers; a task that is done leaves its place empty.
    tasks: Vec<Option<Task>>,
    /// The run queue: the numbers of the tasks that can go on.
    ready: Arc<Ready>,
    /// When to wake which task.
    timers: Rc<Timers>,
}

impl EventLoop {
    /// Queues a task. It begins in `run`.
    pub fn spawn(&mut self, task: impl Future<Output = ()> + 'static) {
        self.ready.lock().unwrap().push_back(self.tasks.len());
        self.tasks.push(Some(Box::pin(task)));
    }

    /// Runs the tasks until none is left that a timer or another task can wake, and reports each
    /// poll: which task, and whether it is done.
    pub fn run(&mut self, mut on_poll: impl FnMut(usize, bool)) {
        loop {
            while let Some(number) = self.next_ready() {
                let ready = Arc::clone(&self.ready);
                let waker = Waker::from(Arc::new(Alarm { number, ready }));
                let mut context = Context::from_waker(&waker);
                let Some(task) = &mut self.tasks[number] else {
                    continue;
                };
                let done = task.as_mut().poll(&mut context).is_ready();
                if done {
                    self.tasks[number] = None;
                }
                on_poll(number, done);
            }
            // No task can go on. A real loop asks the system here (`epoll_wait`) and sleeps
            // until a socket is ready or a timer is due.
            let Some((due, waker)) = self.next_timer() else {
                return;
            };
            thread::sleep(due.saturating_duration_since(Instant::now()));
            waker.wake();
        }
    }

    fn next_ready(&self) -> Option<usize> {
        self.ready.lock().unwrap().pop_front()
    }

    fn next_timer(&self) -> Option<(Instant, Waker)> {
        let mut timers = self.timers.borrow_mut();
        timers.sort_by_key(|(due, _)| *due);
        (!timers.is_empty()).then(|| timers.remove(0))
    }

    /// A future that is ready after this time.
    pub fn sleep(&self, time: Duration) -> Sleep {
        let timers = Rc::clone(&self.timers);
        let due = Instant::now() + time;
        Sleep { due, timers }
    }
}

/// Wakes a task: puts its number into the run queue.
struct Alarm {
    number: usize,
    ready: Arc<Ready>,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.ready.lock().unwrap().push_back(self.number);
    }
}

/// The future at the bottom of every `await`: the one that says "not yet".
pub struct Sleep {
    due: Instant,
    timers: Rc<Timers>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.due <= Instant::now() {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        self.timers.borrow_mut().push((self.due, waker));
        Poll::Pending
    }
}
