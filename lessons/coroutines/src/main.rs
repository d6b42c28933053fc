//! **Coroutine**: a computation that gives up its thread only at an `await`.
//!
//! Python: `async def`, `asyncio.create_task`   Rust: `async fn`, `tokio::spawn`
//!
//!     cargo run -p lesson-coroutines      (9 seconds)
//!
//! One thread looks after a kettle and a toaster, one after the other and then
//! both together. Then what goes wrong: a call that blocks the thread stops
//! everybody, and an `await` between check and change makes a race, on a single
//! thread too. At last 100,000 tasks wait together.
//!
//! Take away: `src/watchdog.rs`, which names the task that blocks, and
//! `src/account.rs`, which needs no lock. Its wrong twin: `src/racy_account.rs`.

mod account;
mod many;
mod racy_account;
mod watchdog;

use std::process::ExitCode;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use account::Account;
use racy_account::RacyAccount;
use timing::{Lane, Lesson, pretty, say};
use tokio::runtime::{Builder, LocalOptions};
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::sleep;
use watchdog::watched;

const BALANCE: u32 = 100;
const WITHDRAWALS: [(&str, u32); 4] = [
    ("till 1", 80),
    ("till 2", 70),
    ("till 3", 50),
    ("till 4", 20),
];

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &[], |lesson| {
        // Python's event loop: all its tasks run on the thread that calls `block_on`.
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_time().build_local(LocalOptions::default())?;
        runtime.block_on(async {
            let one_by_one = one_after_the_other(lesson).await;
            let together = both_together(lesson).await?;
            taking_turns(lesson).await?;
            blocking_call(lesson).await?;
            await_between_check_and_change(lesson).await?;
            no_await_between_check_and_change(lesson).await?;
            many::wait_together(lesson).await?;
            lesson.speedup("coroutines", one_by_one, together, None);
            Ok(())
        })
    })
}

/// To await a coroutine is to wait for it: no time is saved by the word `async` alone.
async fn one_after_the_other(lesson: &Lesson) -> Duration {
    let act = lesson.act("Two coroutines, one after the other");
    heat("kettle", lesson.lane("kettle")).await;
    heat("toaster", lesson.lane("toaster")).await;
    act.end("two waits")
}

/// A *task* is a coroutine that the runtime keeps going while others wait.
async fn both_together(lesson: &Lesson) -> Result<Duration, JoinError> {
    let act = lesson.act("Both together, on the same thread");
    let kettle = tokio::spawn(heat("kettle", lesson.lane("kettle")));
    let toaster = tokio::spawn(heat("toaster", lesson.lane("toaster")));
    kettle.await?;
    toaster.await?;
    Ok(act.end("one wait"))
}

async fn heat(name: &'static str, lane: Lane) {
    let _span = lane.waiting("heats");
    say!("{name}: on, in {:?}", thread::current().id());
    sleep(timing::seconds(1.0)).await;
    say!("{name}: done, in {:?}", thread::current().id());
}

/// A thread can be interrupted anywhere, a coroutine nowhere but at an `await`.
async fn taking_turns(lesson: &Lesson) -> Result<(), JoinError> {
    let act = lesson.act("Whose turn is it?");
    for (places, gives_way) in [("after each step", true), ("nowhere", false)] {
        let (steps, in_order) = mpsc::channel();
        let mut tasks = JoinSet::new();
        for name in ["A", "B"] {
            let steps = steps.clone();
            tasks.spawn(async move {
                for step in 1..=3 {
                    // It fails if nobody looks at the steps any more.
                    let _ = steps.send(format!("{name}{step}"));
                    if gives_way {
                        task::yield_now().await;
                    }
                }
            });
        }
        finish(tasks).await?;
        let steps: Vec<_> = in_order.try_iter().collect();
        say!("an await {places:<16} {}", steps.join(" "));
    }
    act.end("turns change at an await and nowhere else");
    Ok(())
}

/// `thread::sleep` knows nothing of coroutines: the whole thread sleeps, so the toaster
/// cannot even begin. Nothing fails, all is just late. The watchdog says by whose fault.
async fn blocking_call(lesson: &Lesson) -> Result<(), JoinError> {
    let act = lesson.act("A call that blocks the thread");
    let lane = lesson.lane("kettle");
    let kettle = async move {
        let _span = lane.working("blocks");
        say!("kettle: on, and the thread sleeps");
        thread::sleep(timing::seconds(1.0));
        say!("kettle: done");
    };
    let toaster = heat("toaster", lesson.lane("toaster"));
    let limit = timing::seconds(0.5);
    let tell = |name: &str, took| say!("watchdog: {name} kept the thread for {}", pretty(took));
    let kettle = tokio::spawn(watched("kettle", limit, tell, kettle));
    let toaster = tokio::spawn(watched("toaster", limit, tell, toaster));
    kettle.await?;
    toaster.await?;
    act.end("two waits again");
    Ok(())
}

/// "Only one thread, so no race"? While the first waits, the others check as well.
async fn await_between_check_and_change(lesson: &Lesson) -> Result<(), JoinError> {
    let act = lesson.act("A race: an await between check and change");
    let account = Rc::new(RacyAccount::new(BALANCE));
    let mut tills = JoinSet::new();
    for (till, amount) in WITHDRAWALS {
        let (account, lane) = (Rc::clone(&account), lesson.lane(till));
        // Local: the account is not for other threads, so neither are its tasks.
        tills.spawn_local(async move {
            let at_till = || count_out(till, amount, lane);
            report(till, amount, account.withdraw(amount, at_till).await);
        });
    }
    finish(tills).await?;
    act.end(format_args!("the account ends at {}", account.balance()));
    Ok(())
}

/// Nobody comes between two lines without an `await` between them: no lock is needed.
async fn no_await_between_check_and_change(lesson: &Lesson) -> Result<(), JoinError> {
    let act = lesson.act("No race: check and change, then the await");
    let account = Rc::new(Account::new(BALANCE));
    let mut tills = JoinSet::new();
    for (till, amount) in WITHDRAWALS {
        let (account, lane) = (Rc::clone(&account), lesson.lane(till));
        tills.spawn_local(async move {
            let at_till = || count_out(till, amount, lane);
            report(till, amount, account.withdraw(amount, at_till).await);
        });
    }
    finish(tills).await?;
    act.end(format_args!("the account ends at {}", account.balance()));
    Ok(())
}

async fn count_out(till: &str, amount: u32, lane: Lane) {
    say!("{till}: the balance covers {amount}, counting it out");
    let _span = lane.waiting(format!("counts out {amount}"));
    sleep(timing::seconds(1.0)).await;
}

fn report(till: &str, amount: u32, outcome: Result<i64, i64>) {
    match outcome {
        Ok(balance) => say!("{till}: paid {amount}, the balance is {balance}"),
        Err(balance) => say!("{till}: refused {amount}, the balance is {balance}"),
    }
}

async fn finish(mut tasks: JoinSet<()>) -> Result<(), JoinError> {
    while let Some(done) = tasks.join_next().await {
        done?;
    }
    Ok(())
}
