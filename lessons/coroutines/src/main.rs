//! **Coroutine**: a computation that can pause at an `await`, and only there.
//!
//! Python: `async def`, `asyncio.create_task`   Rust: `async fn`, `tokio::spawn`
//!
//!     cargo run -p lesson-coroutines      (10 seconds)
//!
//! One thread looks after a kettle and a toaster, first one after the other, then
//! both together. Then what goes wrong: a call that blocks the thread stops all
//! coroutines, and an `await` between check and change makes a race, even on a
//! single thread. 100,000 tasks wait together. At the end, an event loop of our
//! own.
//!
//! Take away: `src/watchdog.rs`, which names the task that blocks, and
//! `src/account.rs`, which needs no lock. The broken version:
//! `src/racy_account.rs`.

mod account;
mod event_loop;
mod kitchen;
mod many;
mod racy_account;
mod tills;
mod watchdog;

use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use account::Account;
use kitchen::{heat, heat_blocking};
use racy_account::RacyAccount;
use tills::Till;
use timing::{Lesson, pretty, say};
use tokio::runtime::{Builder, LocalOptions};
use tokio::task::{self, JoinError, JoinSet};
use watchdog::watched;

const BALANCE: u32 = 100;

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &[], |lesson| {
        // Like Python's event loop: all tasks run on the thread that calls `block_on`.
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_time().build_local(LocalOptions::default())?;
        let (one_by_one, together) = runtime.block_on(acts(lesson))?;

        let act = lesson.act("An event loop of our own");
        kitchen::on_our_own_event_loop(lesson);
        act.end("one wait: the loop sleeps until the next timer is due");

        lesson.speedup("coroutines", one_by_one, together, None);
        Ok(())
    })
}

async fn acts(lesson: &Lesson) -> Result<(Duration, Duration), JoinError> {
    let act = lesson.act("Two coroutines, one after the other");
    heat("kettle", lesson.lane("kettle")).await;
    heat("toaster", lesson.lane("toaster")).await;
    let one_by_one = act.end("two waits");

    let act = lesson.act("Both together, on the same thread");
    both_together(lesson).await?;
    let together = act.end("one wait");

    let act = lesson.act("Whose turn is it?");
    let steps = turns(task::yield_now).await?;
    say!("an await that has to wait  {steps}");
    let steps = turns(async || ()).await?;
    say!("an await that is ready     {steps}");
    act.end("turns change at an await that has to wait, and nowhere else");

    let act = lesson.act("A call that blocks the thread");
    blocking_call(lesson).await?;
    act.end("two waits again");

    let act = lesson.act("A race: an await between check and change");
    let account = Rc::new(RacyAccount::new(BALANCE));
    let withdraw = async |account: &RacyAccount, till: &Till| {
        account.withdraw(till.amount, || till.count_out()).await
    };
    tills::at_once(lesson, &account, withdraw).await?;
    act.end(format_args!("the account ends at {}", account.balance()));

    let act = lesson.act("No race: check and change, then the await");
    let account = Rc::new(Account::new(BALANCE));
    let withdraw = async |account: &Account, till: &Till| {
        account.withdraw(till.amount, || till.count_out()).await
    };
    tills::at_once(lesson, &account, withdraw).await?;
    act.end(format_args!("the account ends at {}", account.balance()));

    let act = lesson.act("How many can wait together?");
    many::threads();
    many::tasks().await?;
    act.end("a task costs so little that every wait can have its own");
    Ok((one_by_one, together))
}

/// A *task* is a coroutine that the runtime runs beside the others. `spawn` queues it; it
/// begins at the first `await` here, since that one has to wait.
async fn both_together(lesson: &Lesson) -> Result<(), JoinError> {
    let kettle = tokio::spawn(heat("kettle", lesson.lane("kettle")));
    let toaster = tokio::spawn(heat("toaster", lesson.lane("toaster")));
    kettle.await?;
    toaster.await
}

/// The steps of two tasks in the order in which they were taken, with `pause` after each.
async fn turns(pause: impl AsyncFn() + Copy + 'static) -> Result<String, JoinError> {
    let steps = Rc::new(RefCell::new(Vec::new()));
    let mut tasks = JoinSet::new();
    for name in ["A", "B"] {
        let steps = Rc::clone(&steps);
        tasks.spawn_local(async move {
            for step in 1..=3 {
                steps.borrow_mut().push(format!("{name}{step}"));
                pause().await;
            }
        });
    }
    tills::finish(tasks).await?;
    Ok(steps.take().join(" "))
}

/// `thread::sleep` knows nothing of coroutines: the whole thread sleeps, so the toaster
/// cannot even begin. Nothing fails; everything is late. The watchdog names the cause.
async fn blocking_call(lesson: &Lesson) -> Result<(), JoinError> {
    let kettle = heat_blocking("kettle", lesson.lane("kettle"));
    let toaster = heat("toaster", lesson.lane("toaster"));
    let limit = timing::seconds(0.5);
    let tell = |name: &str, took| say!("watchdog: {name} kept the thread for {}", pretty(took));
    let kettle = tokio::spawn(watched("kettle", limit, tell, kettle));
    let toaster = tokio::spawn(watched("toaster", limit, tell, toaster));
    kettle.await?;
    toaster.await
}
