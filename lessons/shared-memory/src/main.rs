//! **Shared memory**: several processes read and write the same bytes.
//!
//! Python: `multiprocessing.Value`, `Array`, `Manager`   Rust: `mmap`, by `nix`
//!
//!     cargo run -p lesson-shared-memory        (3 seconds)
//!
//! Two tills, each a process, count in one counter, wrong and right. Three keep
//! books under a lock, and one of them is killed while it holds it. Then a manager:
//! it owns a dictionary and a list, and answers until it is killed, too.
//!
//! Take away: `src/shared.rs`. The wrong twin beside it: `src/racy_counter.rs`.

mod children;
mod manager;
mod racy_counter;
mod shared;

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use children::{Children, together};
use manager::{Client, manager};
use racy_counter::add_one;
use shared::{Shared, SharedMutex};
use timing::{Kind, Lesson, say};

/// How often each of two tills counts one more.
const TIMES: u64 = 500_000;

/// The takings in all and of each till, and how often that had to be repaired. They belong
/// together: an atomic could keep each, and not that they agree.
type Books = (i64, [i64; 3], u32);

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &[], |lesson| {
        read_then_write_back(lesson)?;
        in_one_step(lesson)?;
        under_a_lock(lesson)?;
        killed_while_it_holds_the_lock(lesson)?;
        ask_the_manager(lesson)?;
        killed_while_others_ask_it(lesson)?;
        Ok(())
    })
}

/// First both tills write back only after both have read: one of two updates is lost for
/// certain. Then they count on as fast as they can, and how many are lost is luck.
fn read_then_write_back(lesson: &Lesson) -> io::Result<()> {
    let act = lesson.act("A counter, read and then written back");
    let counter = Shared::new(AtomicU64::new(0))?;
    let have_read = Shared::new(AtomicU32::new(0))?;
    together(2, |_| add_one(&counter, || wait_for_both(&have_read)))?;
    let once = counter.swap(0, SeqCst);
    say!("2 tills count one: the counter says {once}");

    both_count("read, write back", |_| add_one(&counter, || ()))?;
    say!("lost by luck: {}", 2 * TIMES - counter.load(SeqCst));
    act.end(format_args!("lost for certain: {} of 2", 2 - once));
    Ok(())
}

/// An atomic change is a single step of the processor, whichever process it works for.
fn in_one_step(lesson: &Lesson) -> io::Result<()> {
    let act = lesson.act("A counter, changed in one step");
    let counter = Shared::new(AtomicU64::new(0))?;
    both_count("atomic", |_| {
        counter.fetch_add(1, SeqCst);
    })?;
    act.end(format_args!("the counter says {}", counter.load(SeqCst)));
    Ok(())
}

/// First with half a second between the two changes: the timeline shows the others queue.
/// Children print nothing: when they took the lock, they leave in a shared array.
fn under_a_lock(lesson: &Lesson) -> io::Result<()> {
    let act = lesson.act("Books under a lock");
    let books = SharedMutex::new(Books::default(), add_up)?;
    let taken = Shared::<[AtomicU64]>::array(3)?;
    let (start, hold) = (Instant::now(), timing::seconds(0.5));
    together(3, |till| {
        sell(&books, till, 80, || {
            taken[till].store(start.elapsed().as_nanos() as u64, SeqCst);
            thread::sleep(hold);
        });
    })?;
    for (till, taken) in (1..).zip(taken.iter()) {
        let taken = start + Duration::from_nanos(taken.load(SeqCst));
        let lane = lesson.lane(format!("till {till}"));
        lane.record(Kind::Blocked, "", start, taken);
        lane.record(Kind::Holding, "", taken, taken + hold);
    }
    say!("{}", in_words(&books));

    let books = SharedMutex::new(Books::default(), add_up)?;
    both_count("under the lock", |till| sell(&books, till, 1, || ()))?;
    act.end(in_words(&books));
    Ok(())
}

/// With a lock of Python's, till 2 would wait without end. Here the system knows the holder.
fn killed_while_it_holds_the_lock(lesson: &Lesson) -> io::Result<()> {
    let act = lesson.act("A till that is killed while it holds the lock");
    let books = SharedMutex::new(Books::default(), add_up)?;
    let (mut listen, tell) = io::pipe()?;
    let mut tills = Children::default();
    tills.start("till 1", || {
        let mut tell = tell;
        sell(&books, 0, 80, || {
            let _ = tell.write_all(b"!");
            loop {
                thread::park();
            }
        });
    })?;
    // Its message or its end, whichever comes first.
    if listen.read(&mut [0])? == 0 {
        return tills.wait_until_left(0);
    }
    let holding = lesson.lane("till 1").holding("holds it");
    let blocked = lesson.lane("till 2").blocked("waits for it");
    tills.start("till 2", || sell(&books, 1, 70, || ()))?;
    thread::sleep(timing::seconds(1.0));
    tills.kill("till 1");
    drop(holding);
    say!("till 1: killed between the two changes");
    tills.wait_until_left(0)?;
    drop(blocked);
    say!("till 2: gets the lock, is told, repairs the books, and sells");
    act.end(in_words(&books));
    Ok(())
}

/// No memory is shared here: one process owns it all, and answers one question at a time.
fn ask_the_manager(lesson: &Lesson) -> io::Result<()> {
    let act = lesson.act("A manager that owns a dictionary and a list");
    let (mut processes, mut client) = manager_and_tills(|till, mut client| {
        for sale in 1..=20 {
            client.append(sale).expect("a living manager");
            client.put(till, sale).expect("a living manager");
        }
    })?;
    // The tills leave. The manager stays for its last client, the parent.
    processes.wait_until_left(1)?;
    let (till_1, till_9) = (client.get("till 1")?, client.get("till 9")?);
    say!("till 1: {till_1:?}, till 9: {till_9:?}");
    say!("length of the list: {}", client.length()?);
    let store = client.snapshot()?;
    drop(client);
    processes.wait_until_left(0)?;
    let sum: i64 = store.list.iter().sum();
    act.end(format_args!(
        "{:?}, the list sums up to {sum}",
        store.dictionary
    ));
    Ok(())
}

/// Its ends of the pipes close with it: who waits for an answer is told at once.
fn killed_while_others_ask_it(lesson: &Lesson) -> io::Result<()> {
    let act = lesson.act("A manager that is killed");
    let told = Shared::new(AtomicU32::new(0))?;
    let (mut processes, mut client) = manager_and_tills(|till, mut client| {
        while client.put(till, 1).is_ok() {}
        told.fetch_add(1, SeqCst);
    })?;
    thread::sleep(timing::seconds(0.5));
    processes.kill("manager");
    processes.wait_until_left(0)?;
    if let Err(error) = client.length() {
        say!("parent: {error}");
    }
    act.end(format_args!(
        "{} of 3 tills are told, none hangs",
        told.load(SeqCst)
    ));
    Ok(())
}

/// Two changes under the lock, and `between` between them.
fn sell(books: &SharedMutex<Books>, till: usize, amount: i64, between: impl FnOnce()) {
    books.with(|(total, tills, _)| {
        tills[till] += amount;
        between();
        *total += amount;
    });
}

/// Repairs the books of a till that died. Its own takings are one number, old or new. The
/// total may be behind them.
fn add_up((total, tills, repairs): &mut Books) {
    *total = tills.iter().sum();
    *repairs += 1;
}

fn in_words(books: &SharedMutex<Books>) -> String {
    let (total, tills, repairs) = books.with(|books| *books);
    format!("total {total}, tills {tills:?}, repairs {repairs}")
}

/// Two tills count [`TIMES`] times each, at the same moment if the machine has two cores.
fn both_count(how: &str, count_one: impl Fn(usize) + Sync) -> io::Result<()> {
    let ready = Shared::new(AtomicU32::new(0))?;
    let count = |till| {
        wait_for_both(&ready);
        (0..TIMES).for_each(|_| count_one(till));
    };
    timing::step(format!("2 x {TIMES}, {how}"), || together(2, count)).0
}

fn wait_for_both(arrived: &AtomicU32) {
    arrived.fetch_add(1, SeqCst);
    while arrived.load(SeqCst) < 2 {
        thread::yield_now();
    }
}

/// A manager and three tills, each in a process of its own, and a client for the parent.
/// Each process drops the clients that are not its own.
fn manager_and_tills(job: impl Fn(&str, Client) + Sync) -> io::Result<(Children, Client)> {
    let (manager, mut clients) = manager(4)?;
    let mut processes = Children::default();
    processes.start("manager", || {
        clients.clear();
        manager.serve().expect("requests of our clients");
    })?;
    for till in ["till 1", "till 2", "till 3"] {
        let client = clients.remove(0);
        processes.start(till, || {
            clients.clear();
            job(till, client)
        })?;
    }
    Ok((processes, clients.remove(0)))
}
