//! A submission.
//!
//! It also runs as it is: rustc --edition 2024 pool-1.rs && ./pool-1

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;

/// The worker has died, with the job in its hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Died;

/// Does jobs, until it returns [`Died`]; then it must not be called again.
pub type Worker<'a> = Box<dyn FnMut(u32) -> Result<u32, Died> + Send + 'a>;

/// Has each job done by one of the workers, which work side by side. Returns the answers in the
/// order of the jobs.
///
/// If its worker dies, a job is given to another one, once. The answer is [`Died`] if the second
/// worker dies as well, or if none is left.
pub fn run(jobs: Vec<u32>, workers: Vec<Worker<'_>>) -> Vec<Result<u32, Died>> {
    let answers = Mutex::new(vec![Err(Died); jobs.len()]);
    let open: VecDeque<_> = jobs.into_iter().enumerate().collect();
    let open = Mutex::new(open);
    let next = || open.lock().unwrap().pop_front();
    thread::scope(|scope| {
        for mut work in workers {
            let (next, answers, open) = (&next, &answers, &open);
            scope.spawn(move || {
                while let Some((number, job)) = next() {
                    let Ok(answer) = work(job) else {
                        open.lock().unwrap().push_back((number, job));
                        break;
                    };
                    answers.lock().unwrap()[number] = Ok(answer);
                }
            });
        }
    });
    answers.into_inner().unwrap()
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
