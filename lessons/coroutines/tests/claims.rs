//! What the chapter claims, checked.

#[path = "../src/account.rs"]
mod account;
#[path = "../src/event_loop.rs"]
mod event_loop;
#[path = "../src/racy_account.rs"]
mod racy_account;
#[path = "../src/watchdog.rs"]
mod watchdog;

use std::cell::RefCell;
use std::future::{self, Future};
use std::pin::{Pin, pin};
use std::process::{Command, Output, Stdio};
use std::rc::Rc;
use std::sync::{LazyLock, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};
use std::{hint, mem};

use account::Account;
use event_loop::EventLoop;
use racy_account::RacyAccount;
use watchdog::watched;

/// Far longer than anything here takes; what takes as long as this hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// As `Command::output`, but what has not ended within the limit is killed, and a failure.
fn output_in_time(command: &mut Command) -> Output {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let id = child.id().to_string();
    let (sender, output) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let output = output.recv_timeout(LIMIT).unwrap_or_else(|_| {
        let killed = Command::new("kill").args(["-KILL", &id]).status();
        panic!("{command:?} hangs; killed: {killed:?}");
    });
    output.unwrap()
}

/// What the lesson prints, ten times faster: one run for all the tests.
fn output() -> &'static str {
    static OUTPUT: LazyLock<String> = LazyLock::new(|| {
        let mut lesson = Command::new(env!("CARGO_BIN_EXE_lesson-coroutines"));
        let output = output_in_time(lesson.env("LESSON_SPEED", "10"));
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    });
    &OUTPUT
}

/// The act of this number, counted from 1, and how many milliseconds it took.
fn act(output: &str, number: usize) -> (&str, f64) {
    let act = output.split("\n\n").nth(number).unwrap();
    let (_, time) = act.rsplit_once('(').unwrap();
    let (time, unit) = time.trim_end_matches(')').split_once(' ').unwrap();
    let unit = [("s", 1000.0), ("ms", 1.0), ("µs", 0.001)]
        .into_iter()
        .find(|(name, _)| *name == unit);
    (act, time.parse::<f64>().unwrap() * unit.unwrap().1)
}

#[test]
fn one_thread_does_it_all() {
    let output = output();
    let threads = output.matches("ThreadId(").count();
    assert_eq!(threads, 10, "{output}");
    assert_eq!(output.matches("ThreadId(1)").count(), threads, "{output}");
}

#[test]
fn together_one_wait_in_order_or_blocked_two() {
    let output = output();
    let [in_order, together, blocked] = [1, 2, 4].map(|number| act(output, number).1);
    assert!((1.3..3.5).contains(&(in_order / together)), "{output}");
    assert!((1.3..3.5).contains(&(blocked / together)), "{output}");
}

#[test]
fn turns_change_only_at_an_await_that_has_to_wait() {
    let output = output();
    let (act, _) = act(output, 3);
    assert!(!act.contains("has to wait  A1 A2"), "{output}");
    let in_order = "is ready     A1 A2 A3 B1 B2 B3\n";
    assert!(act.contains(in_order), "{output}");
}

#[test]
fn our_own_event_loop_polls_each_task_twice() {
    let output = output();
    let (act, _) = act(output, 8);
    for name in ["kettle", "toaster"] {
        let polls: Vec<_> = act
            .lines()
            .filter_map(|line| line.split_once(&format!("polled the {name}: ")))
            .map(|(_, answer)| answer)
            .collect();
        assert_eq!(polls, ["pending", "ready"], "{output}");
    }
}

#[test]
fn the_watchdog_names_the_late_task() {
    let output = output();
    let (act, _) = act(output, 4);
    let (before, _) = act.split_once("toaster: on").unwrap();
    assert!(
        before.contains("kettle: done\n   watchdog: kettle kept the thread for "),
        "{output}"
    );
}

#[test]
fn the_race_ends_at_minus_120_and_its_cure_at_0() {
    let output = output();
    assert!(
        act(output, 5).0.contains("=> the account ends at -120 "),
        "{output}"
    );
    assert!(
        act(output, 6).0.contains("=> the account ends at 0 "),
        "{output}"
    );
}

#[test]
fn a_waiting_task_takes_at_most_600_bytes() {
    let output = output();
    let line = output
        .lines()
        .find(|line| line.contains("100000 tasks"))
        .unwrap();
    if cfg!(target_os = "linux") {
        let bytes: u32 = line
            .split_whitespace()
            .rev()
            .nth(2)
            .unwrap()
            .parse()
            .unwrap();
        assert!((100..=600).contains(&bytes), "{output}");
    }
}

/// Gives way once, as `tokio::task::yield_now` does.
async fn give_way() {
    let mut given = false;
    future::poll_fn(|_| match mem::replace(&mut given, true) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}

/// One step of a coroutine, from one suspension to the next.
fn step<T>(coroutine: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    coroutine.poll(&mut Context::from_waker(Waker::noop()))
}

/// Runs withdrawals of 80, 70, 50 and 20 by every sequence in which the steps of four
/// coroutines can come, and returns the set of balances at the end.
macro_rules! ends {
    ($account:ident) => {{
        let mut ends = std::collections::BTreeSet::new();
        // Eight steps of four coroutines: the digits, in base four, say whose turn it is.
        for schedule in 0..4_u32.pow(8) {
            let account = $account::new(100);
            let mut tills = [80, 70, 50, 20].map(|amount| {
                let account = &account;
                Some(Box::pin(async move {
                    let outcome = account.withdraw(amount, give_way).await;
                    assert!(outcome.is_ok() || outcome == Err(account.balance()));
                }))
            });
            for turn in 0..8 {
                let till = &mut tills[(schedule >> (2 * turn)) as usize % 4];
                if till
                    .as_mut()
                    .is_some_and(|till| step(till.as_mut()).is_ready())
                {
                    *till = None;
                }
            }
            // Tasks that have not ended by then go on, in order.
            for till in tills.iter_mut().flatten() {
                assert!((0..8).any(|_| step(till.as_mut()).is_ready()), "it hangs");
            }
            ends.insert(account.balance());
        }
        ends
    }};
}

#[test]
fn no_schedule_takes_the_account_below_zero() {
    assert_eq!(ends!(Account), [0, 10, 30].into());
}

#[test]
fn some_schedules_take_the_racy_account_below_zero() {
    let ends = ends!(RacyAccount);
    assert_eq!(ends.first(), Some(&-120), "{ends:?}");
    assert!(ends.contains(&0), "{ends:?}");
}

#[test]
fn the_whole_balance_and_not_one_more() {
    for (amount, outcome) in [(100, Ok(0)), (101, Err(100))] {
        let account = Account::new(100);
        let withdrawal = pin!(account.withdraw(amount, async || ()));
        assert_eq!(step(withdrawal), Poll::Ready(outcome));
    }
}

#[test]
fn a_refused_withdrawal_never_calls_the_till() {
    let account = Account::new(50);
    let at_till = async || panic!("at the till");
    let refused = step(pin!(account.withdraw(80, at_till)));
    assert_eq!(refused, Poll::Ready(Err(50)));
}

/// Due later, but spawned first; a task that wakes itself; one that never waits.
#[test]
fn the_event_loop_runs_tasks_when_they_are_woken() {
    let steps = Rc::new(RefCell::new(Vec::new()));
    let step = |step: &'static str| {
        let steps = Rc::clone(&steps);
        move || steps.borrow_mut().push(step)
    };
    let mut event_loop = EventLoop::default();
    let (late, soon) = (step("late"), step("soon"));
    let (yields, goes_on, ready) = (step("yields"), step("goes on"), step("ready"));
    let wait = event_loop.sleep(Duration::from_millis(50));
    event_loop.spawn(async move {
        wait.await;
        late()
    });
    let wait = event_loop.sleep(Duration::from_millis(1));
    event_loop.spawn(async move {
        wait.await;
        soon()
    });
    event_loop.spawn(async move {
        yields();
        let mut woken = false;
        future::poll_fn(|context| {
            context.waker().wake_by_ref();
            match mem::replace(&mut woken, true) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
        goes_on();
    });
    event_loop.spawn(async move { ready() });
    let mut done = 0;
    let start = Instant::now();
    event_loop.run(|_, ready| done += u32::from(ready));
    assert!(start.elapsed() >= Duration::from_millis(45));
    assert_eq!(done, 4);
    assert_eq!(
        *steps.borrow(),
        ["yields", "ready", "goes on", "soon", "late"]
    );
}

/// Nothing will ever wake it; then the loop has nothing left to do.
#[test]
fn the_event_loop_ends_when_nothing_can_wake_a_task() {
    let mut event_loop = EventLoop::default();
    event_loop.spawn(future::pending());
    let mut polls = Vec::new();
    event_loop.run(|number, done| polls.push((number, done)));
    assert_eq!(polls, [(0, false)]);
}

#[test]
fn the_watchdog_reports_each_late_step_and_no_other() {
    let limit = Duration::from_millis(10);
    let late = RefCell::new(Vec::new());
    let task = async {
        give_way().await;
        busy(limit * 2);
        give_way().await;
        "done"
    };
    let tell = |name: &str, took| late.borrow_mut().push((name.to_owned(), took));
    let mut task = pin!(watched("till 1", limit, tell, task));
    assert_eq!(step(task.as_mut()), Poll::Pending);
    // A machine that is busy enough makes this late; it cannot take anything off.
    let of_the_machine = late.borrow().len();
    assert_eq!(step(task.as_mut()), Poll::Pending);
    assert_eq!(late.borrow().len(), of_the_machine + 1);
    let (name, took) = late.borrow().last().unwrap().clone();
    assert!(name == "till 1" && took >= limit * 2);
    assert_eq!(step(task.as_mut()), Poll::Ready("done"));
}

/// An `await` that is ready at once is no place to give way, and so ends no step.
#[test]
fn what_never_gives_way_is_one_step() {
    let limit = Duration::from_millis(10);
    let mut late = 0;
    let task = async {
        busy(limit * 3 / 4);
        future::ready(()).await;
        busy(limit * 3 / 4);
    };
    let mut task = Box::pin(watched("till 1", limit, |_, _| late += 1, task));
    assert_eq!(step(task.as_mut()), Poll::Ready(()));
    drop(task);
    assert_eq!(late, 1);
}

/// With a limit that no step can reach, no step is late.
#[test]
fn the_watchdog_keeps_quiet_below_its_limit() {
    let never = |_: &str, _| panic!("late");
    let task = watched("till 1", Duration::MAX, never, give_way());
    let mut task = pin!(task);
    assert_eq!(step(task.as_mut()), Poll::Pending);
    assert_eq!(step(task.as_mut()), Poll::Ready(()));
}

fn busy(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        hint::spin_loop();
    }
}
