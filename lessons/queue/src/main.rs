//! **Queue** between processes: values go in at one end and come out in order.
//!
//! Python: `multiprocessing.Queue`, `put`, `get`   Rust: `ipc_channel::ipc`
//!
//!     cargo run -p lesson-queue        (3 seconds)
//!
//! An office and its tills are processes. One till reports that it is open; three
//! tills report their sales through one queue; the office answers each till; at
//! last one till gets stuck and is killed.
//!
//! Take away: `src/queue.rs`, a child process with a typed queue in each direction.

mod ledger;
mod queue;
mod till;

use std::error::Error;
use std::process::{self, ExitCode};

use ipc_channel::ipc::{self, IpcSender};
use ledger::{Ledger, Sales};
use till::{Order, STUCK, Sale, Till};
use timing::{Lesson, say};

/// What each of the three tills sells in a day.
type Days = [[u32; 3]; 3];
const DAY: Days = [[80, 70, 50], [10, 20, 30], [5, 15, 25]];
/// A day on which the second till gets stuck after its first sale.
const BAD_DAY: Days = [[80, 70, 50], [10, STUCK, 30], [5, 15, 25]];

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    // In a child process this call works as a till, and then ends the process.
    queue::run_if_child(|inbox, outbox| {
        // An error means that the office has ended: there is no one to report it to.
        let _ = till::work(inbox, outbox);
    });
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let act = lesson.act("One message from another process");
        let till = one_message()?;
        act.end(format_args!("the till goes home, {}", till.join()?));

        let mut tills = open_tills()?;
        let act = lesson.act("Three tills put into one queue, the office gets");
        let sold = many_producers(lesson, &tills)?;
        act.end(format_args!("each till's sales, in order: {sold:?}"));

        let act = lesson.act("The office answers each till, and the till answers back");
        tell_totals(&mut tills, &sold)?;
        act.end("one question and one answer each");

        let mut tills = open_tills()?;
        let act = lesson.act("A till is killed in the middle of its day");
        let sold = killed_producer(lesson, &mut tills)?;
        act.end(format_args!("the sales before that are there: {sold:?}"));
        Ok(())
    })
}

/// The child puts one message into its queue, the parent gets it.
fn one_message() -> Result<Till> {
    let till = Till::start()?;
    let (office, id) = (process::id(), till.process.id());
    say!("office: process {office}, opens till {id}");
    say!("till: {}", till.from.get_timeout(timing::seconds(60.0))?);
    Ok(till)
}

/// Starts three tills and waits until each is open.
fn open_tills() -> Result<Vec<Till>> {
    let tills = DAY.iter().map(|_| Till::start());
    let tills: Vec<Till> = tills.collect::<std::result::Result<_, _>>()?;
    for till in &tills {
        till.from.get()?;
    }
    Ok(tills)
}

/// Tells each till what to sell, and gives it a sender of the office's queue.
fn begin_day(tills: &[Till], days: Days, office: &IpcSender<Sale>) -> Result {
    for (number, (till, day)) in (1..).zip(tills.iter().zip(days)) {
        let order = Order::Sell(number, day, office.clone());
        till.to.put(order)?;
    }
    Ok(())
}

/// Three producers, one consumer. Sales of different tills arrive in any order, those of
/// one till in the order in which the till put them.
fn many_producers(lesson: &Lesson, tills: &[Till]) -> Result<Sales> {
    let (office, sales) = ipc::channel()?;
    begin_day(tills, DAY, &office)?;
    // Now only the tills have senders. The last one ends the queue.
    drop(office);
    let mut ledger = Ledger::new(lesson);
    while let Ok(sale) = sales.recv() {
        say!("till {}: sold {}", sale.number, sale.amount);
        ledger.enter(sale);
    }
    Ok(ledger.sold)
}

/// The office does not wait for the killed till: the queue of sales ends when *all* its
/// senders are closed, and the killed till's own queue reports the end of the till.
fn killed_producer(lesson: &Lesson, tills: &mut [Till]) -> Result<Sales> {
    let (office, sales) = ipc::channel()?;
    begin_day(tills, BAD_DAY, &office)?;
    drop(office);
    let mut ledger = Ledger::new(lesson);
    while let Ok(sale) = sales.recv() {
        say!("till {}: sold {}", sale.number, sale.amount);
        if sale.number == 2 {
            tills[1].process.kill();
        }
        ledger.enter(sale);
    }
    tell_totals(tills, &ledger.sold)?;
    Ok(ledger.sold)
}

/// Tells each till its total, and prints the till's answer or why there is none.
fn tell_totals(tills: &mut [Till], sold: &Sales) -> Result {
    for (number, (till, sold)) in (1..).zip(tills.iter_mut().zip(sold)) {
        let total = Order::Total(sold.iter().sum());
        match till.to.put(total).and_then(|()| till.from.get()) {
            Ok(note) => say!("till {number}: {note}"),
            Err(error) => {
                let status = till.process.wait()?;
                say!("till {number}: {error}, {status}");
            }
        }
    }
    Ok(())
}
