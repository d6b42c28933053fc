//! **Shared memory**: several processes read and write the same bytes.
//!
//! Python: `multiprocessing.Value`, `Array`, `Manager`   Rust: `mmap`, by `nix`
//!
//!     cargo run -p lesson-shared-memory        (3 seconds)
//!
//! Two tills, each a process, count in one counter, wrong and right. Three tills
//! keep books under a lock, and one of them is killed while it holds the lock.
//! Then a manager owns a dictionary and a list, and answers requests until it is
//! killed.
//!
//! Take away: `src/shared.rs`. The broken version beside it:
//! `src/racy_counter.rs`.

mod asking;
mod books;
mod children;
mod drawing;
mod manager;
mod racy_counter;
mod shared;

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use std::thread;

use books::{Books, add_up, in_words, sell};
use children::{Children, together};
use drawing::Turns;
use racy_counter::add_one;
use shared::{Shared, SharedMutex};
use timing::{Lesson, say};

/// How often each of two tills adds one.
const TIMES: u64 = 500_000;

fn main() -> ExitCode {
    timing::run(include_str!("main.rs"), &[], |lesson| {
        let act = lesson.act("A counter, read and then written back");
        let lost = read_then_write_back()?;
        act.end(format_args!("lost for certain: {lost} of 2"));

        let act = lesson.act("A counter, changed in one step");
        let sum = in_one_step()?;
        act.end(format_args!("the counter says {sum}"));

        let act = lesson.act("Books under a lock");
        let books = under_a_lock(lesson)?;
        act.end(books);

        let act = lesson.act("A till that is killed while it holds the lock");
        let books = killed_while_it_holds_the_lock(lesson)?;
        act.end(books);

        let act = lesson.act("A manager that owns a dictionary and a list");
        let store = asking::ask_the_manager()?;
        let (dictionary, sum) = (store.dictionary, store.list.iter().sum::<i64>());
        act.end(format_args!("{dictionary:?}, the list sums up to {sum}"));

        let act = lesson.act("A manager that is killed");
        let told = asking::killed_while_others_ask_it()?;
        act.end(format_args!("{told} of 3 tills are told, none hangs"));
        Ok(())
    })
}

/// First both tills read before either of them writes: one of two updates is lost for certain.
/// Then they count as fast as they can, and how many updates are lost is luck.
fn read_then_write_back() -> io::Result<u64> {
    let counter = Shared::new(AtomicU64::new(0))?;
    let have_read = Shared::new(AtomicU32::new(0))?;
    together(2, |_| add_one(&counter, || wait_for_both(&have_read)))?;
    let once = counter.swap(0, SeqCst);
    say!("2 tills count one: the counter says {once}");

    both_count("read, write back", |_| add_one(&counter, || ()))?;
    say!("lost by luck: {}", 2 * TIMES - counter.load(SeqCst));
    Ok(2 - once)
}

/// An atomic change is one step, whichever process makes it.
fn in_one_step() -> io::Result<u64> {
    let counter = Shared::new(AtomicU64::new(0))?;
    both_count("atomic", |_| {
        counter.fetch_add(1, SeqCst);
    })?;
    Ok(counter.load(SeqCst))
}

/// First with half a second between the two changes: the timeline shows how the other tills
/// wait. Then as fast as the tills can.
fn under_a_lock(lesson: &Lesson) -> io::Result<String> {
    let books = SharedMutex::new(Books::default(), add_up)?;
    let (turns, hold) = (Turns::new()?, timing::seconds(0.5));
    together(3, |till| {
        sell(&books, till, 80, || {
            turns.took(till);
            thread::sleep(hold);
        });
    })?;
    turns.draw(lesson, hold);
    say!("{}", in_words(&books));

    let books = SharedMutex::new(Books::default(), add_up)?;
    both_count("under the lock", |till| sell(&books, till, 1, || ()))?;
    Ok(in_words(&books))
}

/// The system knows which thread holds the lock. When till 1 dies, it releases the lock and
/// tells till 2.
fn killed_while_it_holds_the_lock(lesson: &Lesson) -> io::Result<String> {
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
    // Till 1 has written, or it has died and its end is closed.
    if listen.read(&mut [0])? == 0 {
        tills.wait_until_left(0)?;
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
    say!("till 2: acquires the lock, repairs the books, and sells");
    Ok(in_words(&books))
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

/// A barrier for two processes.
fn wait_for_both(arrived: &AtomicU32) {
    arrived.fetch_add(1, SeqCst);
    while arrived.load(SeqCst) < 2 {
        thread::yield_now();
    }
}
