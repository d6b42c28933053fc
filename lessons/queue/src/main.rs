//! **Queue** between processes: values go in at one end and come out in order.
//!
//! Python: `multiprocessing.Queue`, `put`, `get`   Rust: `ipc_channel::ipc`
//!
//!     cargo run -p lesson-queue        (3 seconds)
//!
//! An office and its tills, each a process of its own. A till says hello; three
//! tills report their sales through one queue; the office answers; at last a till
//! gets stuck in the middle of its day and is killed.
//!
//! Take away: `src/queue.rs`, a child process with a typed queue each way.

mod queue;

use std::error::Error;
use std::mem;
use std::process::{self, ExitCode};
use std::thread;
use std::time::Instant;

use ipc_channel::ipc::{self, IpcSender};
use queue::{Child, Receiver, Sender};
use serde::{Deserialize, Serialize};
use timing::{Kind, Lesson, say};

/// What each of the tills sells in a day.
const DAY: [[u32; 3]; 3] = [[80, 70, 50], [10, 20, 30], [5, 15, 25]];
/// A day on which the second till gets stuck.
const BAD_DAY: [[u32; 3]; 3] = [[80, 70, 50], [10, STUCK, 30], [5, 15, 25]];
const STUCK: u32 = 0;

/// A till gets orders from the office and puts notes into the queue back.
type Till = Child<Order, String>;

#[derive(Serialize, Deserialize)]
enum Order {
    /// Sell for these amounts and report each sale to the office. Its queue travels
    /// through this one: any number of tills may put into it.
    Sell {
        till: usize,
        day: [u32; 3],
        office: IpcSender<Sale>,
    },
    /// What the office has counted for this till.
    Total(u32),
}

/// What each till has sold, as the office got it.
type Sales = [Vec<u32>; 3];

#[derive(Serialize, Deserialize)]
struct Sale {
    till: usize,
    amount: u32,
}

fn main() -> ExitCode {
    // A child goes in here and never comes out.
    queue::run_if_child(|inbox, outbox| {
        // An error means that the office is gone: nobody is left to be told.
        let _ = till(inbox, outbox);
    });
    timing::run(include_str!("main.rs"), &[], |lesson| {
        one_message(lesson)?;
        let mut tills = open_tills()?;
        let sold = many_producers(lesson, &mut tills)?;
        answer_back(lesson, &mut tills, &sold)?;
        killed_producer(lesson)
    })
}

/// What a till does, in its own process.
fn till(inbox: Receiver<Order>, outbox: Sender<String>) -> Result<(), Box<dyn Error>> {
    outbox.put(format!("open, process {}", process::id()))?;
    let mut drawer = 0;
    loop {
        match inbox.get()? {
            Order::Sell { till, day, office } => {
                for amount in day {
                    if amount == STUCK {
                        stay_stuck();
                    }
                    thread::sleep(timing::seconds(0.5));
                    drawer += amount;
                    office.send(Sale { till, amount })?;
                }
            }
            Order::Total(total) => outbox.put(format!("{total} told, {drawer} in the drawer"))?,
        }
    }
}

fn stay_stuck() -> ! {
    loop {
        thread::park();
    }
}

/// The child puts one message into its queue, the parent gets it.
fn one_message(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("One message from another process");
    let till = Till::start()?;
    say!(
        "office: process {}, opens till {}",
        process::id(),
        till.process.id()
    );
    say!("till: {}", till.from.get_timeout(timing::seconds(60.0))?);
    act.end(format_args!("the till goes home, {}", till.join()?));
    Ok(())
}

/// All tills put into the same queue. Which of them comes first is open; the sales of
/// each arrive in the order in which it put them.
fn many_producers(lesson: &Lesson, tills: &mut [Till]) -> Result<Sales, Box<dyn Error>> {
    let act = lesson.act("Three tills put into one queue, the office gets");
    let sold = one_day(lesson, tills, DAY, |_, _| ())?;
    act.end(format_args!("each till's sales, in order: {sold:?}"));
    Ok(sold)
}

/// From the office, too, there is a queue to each till, and one back.
fn answer_back(lesson: &Lesson, tills: &mut [Till], sold: &Sales) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("The office answers each till, and the till answers back");
    tell_totals(tills, sold)?;
    act.end("one question and one answer each");
    Ok(())
}

/// Nothing more comes from a till that is killed, and no wait for it is without end: the
/// queue is over when *all* who could put into it are gone, and the queue of the till's
/// notes is closed.
fn killed_producer(lesson: &Lesson) -> Result<(), Box<dyn Error>> {
    let act = lesson.act("A till is killed in the middle of its day");
    let mut tills = open_tills()?;
    let sold = one_day(lesson, &mut tills, BAD_DAY, |number, till| {
        if number == 2 {
            till.process.kill();
        }
    })?;
    tell_totals(&mut tills, &sold)?;
    act.end(format_args!("what it sold before is there: {sold:?}"));
    Ok(())
}

/// Starts the tills and waits until each is open.
fn open_tills() -> Result<Vec<Till>, Box<dyn Error>> {
    let tills = DAY.iter().map(|_| Till::start());
    let tills: Vec<Till> = tills.collect::<Result<_, _>>()?;
    for till in &tills {
        till.from.get()?;
    }
    Ok(tills)
}

/// Has the tills sell, and gets their sales until there are no more to come.
fn one_day(
    lesson: &Lesson,
    tills: &mut [Till],
    days: [[u32; 3]; 3],
    after_sale: impl Fn(usize, &mut Till),
) -> Result<Sales, Box<dyn Error>> {
    let (office, sales) = ipc::channel()?;
    let mut lanes = Vec::new();
    for (till, day) in days.into_iter().enumerate() {
        let office = office.clone();
        tills[till].to.put(Order::Sell { till, day, office })?;
        lanes.push((
            lesson.lane(format_args!("till {}", till + 1)),
            Instant::now(),
        ));
    }
    // From here on only the tills can put into the queue, so it ends with the last of them.
    drop(office);

    let mut sold = Sales::default();
    while let Ok(Sale { till, amount }) = sales.recv() {
        say!("till {}: sold {amount}", till + 1);
        let (lane, since) = &mut lanes[till];
        let start = mem::replace(since, Instant::now());
        lane.record(Kind::Waiting, amount.to_string(), start, *since);
        sold[till].push(amount);
        after_sale(till + 1, &mut tills[till]);
    }
    Ok(sold)
}

/// Tells each till what the office has counted for it; prints its note or why there is none.
fn tell_totals(tills: &mut [Till], sold: &Sales) -> Result<(), Box<dyn Error>> {
    for (number, (till, sold)) in (1..).zip(tills.iter_mut().zip(sold)) {
        let total = Order::Total(sold.iter().sum());
        match till.to.put(total).and_then(|()| till.from.get()) {
            Ok(note) => say!("till {number}: {note}"),
            Err(error) => say!("till {number}: {error}, {}", till.process.wait()?),
        }
    }
    Ok(())
}
