//! A worker goes home only when nothing is open, and no other worker can give a job back.
//!
//! It also runs as it is: rustc --edition 2024 pool-1.rs && ./pool-1

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread;

/// The worker has died, with the job in its hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Died;

/// Does jobs, until it returns [`Died`]; then it must not be called again.
pub type Worker<'a> = Box<dyn FnMut(u32) -> Result<u32, Died> + Send + 'a>;

struct Jobs {
    /// The number of the job, the job, and whether a worker has died of it.
    open: VecDeque<(usize, u32, bool)>,
    in_hands: usize,
    answers: Vec<Result<u32, Died>>,
}

/// Has each job done by one of the workers, which work side by side. Returns the answers in the
/// order of the jobs.
///
/// If its worker dies, a job is given to another one, once. The answer is [`Died`] if the second
/// worker dies as well, or if none is left.
pub fn run(jobs: Vec<u32>, workers: Vec<Worker<'_>>) -> Vec<Result<u32, Died>> {
    let all = jobs.into_iter().enumerate();
    let jobs = Mutex::new(Jobs {
        answers: vec![Err(Died); all.len()],
        open: all.map(|(number, job)| (number, job, false)).collect(),
        in_hands: 0,
    });
    let changed = Condvar::new();
    // A worker without a job stays while another one may still die.
    let next = || {
        let wait = |jobs: &mut Jobs| jobs.open.is_empty() && jobs.in_hands > 0;
        let mut jobs = changed.wait_while(jobs.lock().unwrap(), wait).unwrap();
        let job = jobs.open.pop_front()?;
        jobs.in_hands += 1;
        Some(job)
    };
    thread::scope(|scope| {
        for mut work in workers {
            let (next, jobs, changed) = (&next, &jobs, &changed);
            scope.spawn(move || {
                while let Some((number, job, again)) = next() {
                    let answer = work(job);
                    let mut jobs = jobs.lock().unwrap();
                    jobs.in_hands -= 1;
                    jobs.answers[number] = answer;
                    if answer.is_err() && !again {
                        jobs.open.push_back((number, job, true));
                    }
                    changed.notify_all();
                    if answer.is_err() {
                        break;
                    }
                }
            });
        }
    });
    jobs.into_inner().unwrap().answers
}

fn main() {
    let mut left = 2;
    let frail = Box::new(move |job| {
        left -= 1;
        if left == 0 { Err(Died) } else { Ok(job * job) }
    });
    let robust = Box::new(|job| Ok(job * job));
    println!("{:?}", run(vec![1, 2, 3, 4, 5], vec![frail, robust]));
}
