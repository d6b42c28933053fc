//! What the pieces promise, checked in processes of our own, and with `kill -9`.
//!
//! `fork` wants a program with a single thread, and the usual test harness starts one
//! for each test: these tests are called by a `main` of their own, one after another.

// Each file is used by the lesson as a whole, and here in part.
#[allow(dead_code)]
#[path = "../src/children.rs"]
mod children;
#[path = "../src/manager.rs"]
mod manager;
#[path = "../src/shared.rs"]
mod shared;

use std::error::Error;
use std::hint::black_box;
use std::io::{self, ErrorKind, Read, Write};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};
use std::{env, fs, mem, process, thread};

use children::{Children, together};
use manager::{Client, Store, manager};
use nix::errno::Errno;
use nix::sys::wait::{self, WaitPidFlag};
use nix::unistd::{Pid, alarm};
use shared::{HolderDied, Shared, SharedGuard, SharedMutex};

type Outcome = Result<(), Box<dyn Error>>;
type Test = fn() -> Outcome;

const TESTS: &[(&str, Test)] = &[
    ("what_a_child_changes_the_parent_sees", one_memory),
    ("atomics_are_exact", atomics),
    ("the_lock_is_exact", lock),
    (
        "who_waits_for_a_holder_that_is_killed_is_told",
        waiter_is_told,
    ),
    ("told_until_somebody_sees_to_it", told_again),
    ("a_repairer_that_dies_leaves_it_to_the_next", repairer_dies),
    ("who_locks_twice_is_refused", twice),
    ("a_holder_that_panics_is_told_as_well", holder_panics),
    ("a_leaked_guard_is_no_dangling_one", leaked_guard),
    ("holders_killed_at_random_moments_200_times", random_holders),
    ("a_killed_waiter_keeps_nobody_waiting", random_waiters),
    ("the_manager_answers", manager_answers),
    ("a_name_of_two_lines_is_refused", bad_names),
    (
        "managers_killed_at_random_moments_200_times",
        random_managers,
    ),
    (
        "clients_killed_at_random_do_not_stop_the_manager",
        random_clients,
    ),
    ("who_waits_for_a_dead_sibling_is_killed", dead_sibling),
    ("a_panic_is_an_exit_status", panics),
    ("a_program_with_threads_is_refused", threads),
];

fn main() -> Outcome {
    // Whatever waits for ever, ends here.
    alarm::set(120);
    let filters: Vec<_> = env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let chosen = |name: &str| filters.is_empty() || filters.iter().any(|f| name.contains(f));
    let tests: Vec<_> = TESTS.iter().filter(|(name, _)| chosen(name)).collect();
    println!("\nrunning {} tests", tests.len());
    for (name, test) in &tests {
        let before = possessions();
        test().map_err(|error| format!("{name}: {error}"))?;
        assert!(no_child_left(), "{name}: a child or a zombie is left");
        assert_eq!(before, possessions(), "{name}: descriptors and mappings");
        println!("test {name} ... ok");
    }
    println!(
        "\ntest result: ok. {} passed; 0 failed; 0 ignored; 0 measured; {} filtered out\n",
        tests.len(),
        TESTS.len() - tests.len()
    );
    Ok(())
}

/// Neither a running one nor a zombie.
fn no_child_left() -> bool {
    wait::waitpid(None::<Pid>, Some(WaitPidFlag::WNOHANG)) == Err(Errno::ECHILD)
}

/// How many file descriptors and shared mappings there are.
fn possessions() -> (usize, usize) {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let shared = maps.lines().filter(|line| line.contains(" rw-s "));
    (
        fs::read_dir("/proc/self/fd").unwrap().count(),
        shared.count(),
    )
}

/// Random numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    /// Lets up to so many microseconds pass, without sleeping: that would be too coarse.
    fn pass_time(&mut self, microseconds: u64) {
        let end = Instant::now() + Duration::from_micros(self.roll(microseconds));
        while Instant::now() < end {
            std::hint::spin_loop();
        }
    }
}

fn one_memory() -> Outcome {
    let value = Shared::new(AtomicI64::new(100))?;
    let array = Shared::<[AtomicI64]>::array(1000)?;
    assert!(array.iter().all(|value| value.load(SeqCst) == 0));
    together(2, |child| {
        value.fetch_sub(40, SeqCst);
        array[child].store(7, SeqCst);
        array[999 - child].store(8, SeqCst);
    })?;
    assert_eq!(value.load(SeqCst), 20);
    let ends = [0, 1, 2, 997, 998, 999].map(|index: usize| array[index].load(SeqCst));
    assert_eq!(ends, [7, 7, 0, 0, 8, 8]);
    assert!(Shared::<[u64]>::array(0)?.is_empty());
    assert!(Shared::<[u64]>::array(usize::MAX).is_err());
    Ok(())
}

fn atomics() -> Outcome {
    let counter = Shared::new(AtomicU64::new(0))?;
    together(4, |_| {
        for _ in 0..100_000 {
            counter.fetch_add(1, SeqCst);
        }
    })?;
    assert_eq!(counter.load(SeqCst), 400_000);
    Ok(())
}

/// A total and what it is the total of.
type Books = (i64, [i64; 3]);

/// Two changes, and so much work between them.
fn sell(books: &SharedMutex<Books>, till: usize, work: u32, repairs: &AtomicU64) {
    let mut books = books.lock().unwrap_or_else(|died| repaired(died, repairs));
    let (total, tills) = &mut *books;
    tills[till] += 1;
    for step in 0..work {
        black_box(step);
    }
    *total += 1;
}

fn repaired<'a>(died: HolderDied<'a, Books>, repairs: &AtomicU64) -> SharedGuard<'a, Books> {
    let mut books = died.into_guard();
    books.0 = books.1.iter().sum();
    repairs.fetch_add(1, SeqCst);
    books
}

fn lock() -> Outcome {
    let books = SharedMutex::new(Books::default())?;
    let repairs = Shared::new(AtomicU64::new(0))?;
    together(3, |till| {
        for _ in 0..50_000 {
            sell(&books, till, 10, &repairs);
        }
    })?;
    assert_eq!(*books.lock().unwrap(), (150_000, [50_000; 3]));
    assert_eq!(repairs.load(SeqCst), 0);
    Ok(())
}

/// Returns when the lock is held by a child that never lets it go.
fn start_holder(children: &mut Children, mutex: &SharedMutex<i64>) -> io::Result<()> {
    let (mut listen, tell) = io::pipe()?;
    children.start("holder", || {
        let mut tell = tell;
        let mut value = mutex.lock().unwrap_or_else(HolderDied::into_guard);
        *value += 1;
        tell.write_all(b"!").unwrap();
        loop {
            thread::park();
        }
    })?;
    listen.read_exact(&mut [0])
}

fn waiter_is_told() -> Outcome {
    let mutex = SharedMutex::new(0)?;
    let told = Shared::new(AtomicU64::new(0))?;
    let mut children = Children::default();
    start_holder(&mut children, &mutex)?;
    let (mut listen, tell) = io::pipe()?;
    children.start("waiter", || {
        let mut tell = tell;
        tell.write_all(b"!").unwrap();
        if let Err(died) = mutex.lock() {
            told.store(1, SeqCst);
            *died.into_guard() += 10;
        }
    })?;
    listen.read_exact(&mut [0])?;
    children.kill("holder");
    children.wait_until_left(0)?;
    assert_eq!(told.load(SeqCst), 1);
    assert_eq!(*mutex.lock().unwrap(), 11);
    Ok(())
}

fn told_again() -> Outcome {
    let mutex = SharedMutex::new(0)?;
    let mut children = Children::default();
    start_holder(&mut children, &mutex)?;
    children.kill("holder");
    for _ in 0..3 {
        assert!(mutex.lock().is_err());
    }
    together(1, |_| assert!(mutex.lock().is_err()))?;
    drop(mutex.lock().err().unwrap().into_guard());
    assert_eq!(*mutex.lock().unwrap(), 1);
    Ok(())
}

fn repairer_dies() -> Outcome {
    let mutex = SharedMutex::new(0)?;
    let mut children = Children::default();
    for _ in 0..3 {
        // Each is told of the one before, says that it sees to it, and is killed as well.
        start_holder(&mut children, &mutex)?;
        children.kill("holder");
    }
    assert_eq!(*mutex.lock().err().unwrap().into_guard(), 3);
    Ok(())
}

/// Whether this panics; without a trace.
fn panics_in(work: impl FnOnce()) -> bool {
    let print_trace = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(print_trace);
    outcome.is_err()
}

fn twice() -> Outcome {
    let mutex = SharedMutex::new(0)?;
    let guard = mutex.lock().unwrap();
    assert!(panics_in(|| drop(mutex.lock())));
    drop(guard);
    assert!(mutex.lock().is_ok());
    Ok(())
}

fn holder_panics() -> Outcome {
    let mutex = SharedMutex::new(0)?;
    assert!(panics_in(|| {
        *mutex.lock().unwrap() = 1;
        let mut value = mutex.lock().unwrap();
        *value = 2;
        panic!("half way");
    }));
    assert_eq!(*mutex.lock().err().unwrap().into_guard(), 2);
    assert!(mutex.lock().is_ok());
    Ok(())
}

/// In a child, as the mapping stays until its end.
fn leaked_guard() -> Outcome {
    together(1, |_| {
        let mutex = SharedMutex::new(0).unwrap();
        mem::forget(mutex.lock().unwrap());
        drop(mutex);
        assert_eq!(possessions().1, 1);
        // The next lock is written into the list of those held, beside the leaked one.
        let mut other = SharedMutex::new(0).unwrap();
        for _ in 0..3 {
            *other.lock().unwrap() += 1;
            other = SharedMutex::new(0).unwrap();
        }
    })?;
    Ok(())
}

/// The same lock all the time: each death is to leave it fit for use, and the sums right.
fn random_holders() -> Outcome {
    const SALES: i64 = 100;
    let books = SharedMutex::new(Books::default())?;
    let repairs = Shared::new(AtomicU64::new(0))?;
    let (begun, done) = (
        Shared::new(AtomicI64::new(0))?,
        Shared::new(AtomicI64::new(0))?,
    );
    let mut dice = Dice(2026);
    // Some kills hit a holder and some do not: until 200 of them did.
    for round in 1.. {
        if repairs.load(SeqCst) >= 200 {
            break;
        }
        assert!(round < 5000, "hardly a holder is hit, or nobody is told");
        let mut children = Children::default();
        let done_before = done.load(SeqCst);
        children.start("victim", || {
            loop {
                begun.fetch_add(1, SeqCst);
                sell(&books, 0, 1000, &repairs);
                done.fetch_add(1, SeqCst);
            }
        })?;
        for till in [1, 2] {
            let (books, repairs) = (&books, &repairs);
            children.start(format!("till {till}"), move || {
                (0..SALES).for_each(|_| sell(books, till, 10, repairs));
            })?;
        }
        // In every other round it is at work for sure.
        while round % 2 == 0 && done.load(SeqCst) == done_before {
            std::hint::spin_loop();
        }
        dice.pass_time(500);
        children.kill("victim");
        children.wait_until_left(0)?;

        let books = books.lock().unwrap_or_else(|died| repaired(died, &repairs));
        let (total, [victim, others @ ..]) = *books;
        assert_eq!(others, [round * SALES; 2], "round {round}");
        assert_eq!(total, victim + others[0] + others[1], "round {round}");
        let (begun, done) = (begun.load(SeqCst), done.load(SeqCst));
        assert!((done..=begun).contains(&victim), "round {round}: {victim}");
        assert!(begun - done <= round);
        assert!(no_child_left(), "round {round}");
    }
    Ok(())
}

/// Whoever is killed may have been woken to take the lock: then somebody else must be.
fn random_waiters() -> Outcome {
    let books = SharedMutex::new(Books::default())?;
    let repairs = Shared::new(AtomicU64::new(0))?;
    let mut dice = Dice(7);
    for _ in 0..200 {
        let mut children = Children::default();
        children.start("victim", || {
            loop {
                sell(&books, 0, 30_000, &repairs);
            }
        })?;
        for till in [1, 2] {
            let (books, repairs) = (&books, &repairs);
            children.start(format!("till {till}"), move || {
                (0..200).for_each(|_| sell(books, till, 30_000, repairs));
            })?;
        }
        // Not by `pass_time`: were a core busy with it, there would hardly be a queue.
        thread::sleep(Duration::from_micros(dice.roll(1500)));
        children.kill("victim");
        children.wait_until_left(0)?;
    }
    Ok(())
}

/// A manager and so many clients in processes of their own that do `job`, and one more here.
fn start_manager(
    clients: usize,
    job: impl Fn(usize, Client) + Sync,
) -> io::Result<(Children, Client)> {
    let (manager, mut ends) = manager(clients + 1)?;
    let mut children = Children::default();
    children.start("manager", || {
        ends.clear();
        manager.serve().unwrap();
    })?;
    for number in 1..=clients {
        let client = ends.remove(0);
        children.start(format!("client {number}"), || {
            ends.clear();
            job(number, client);
        })?;
    }
    Ok((children, ends.remove(0)))
}

fn manager_answers() -> Outcome {
    let (mut children, mut client) = start_manager(3, |number, mut client| {
        for value in 0..100 {
            client.append(value).unwrap();
            client.put(&format!("client {number}"), value).unwrap();
        }
    })?;
    children.wait_until_left(1)?;
    assert_eq!(client.length()?, 300);
    assert_eq!(client.get("client 2")?, Some(99));
    assert_eq!(client.get("client 4")?, None);
    for (name, value) in [
        ("", i64::MIN),
        (" two  words ", i64::MAX),
        ("ä\u{85}\r", -1),
    ] {
        client.put(name, value)?;
        assert_eq!(client.get(name)?, Some(value));
    }
    let snapshot = client.snapshot()?;
    assert_eq!(snapshot.dictionary.len(), 6);
    assert_eq!(snapshot.list.len(), 300);
    assert_eq!(snapshot.list.iter().sum::<i64>(), 3 * 4950);
    // It stays for its last client, and leaves by itself after it.
    drop(client);
    children.wait_until_left(0)?;
    Ok(())
}

fn bad_names() -> Outcome {
    let (mut children, mut client) = start_manager(0, |_, _| ())?;
    for name in ["two\nlines", &"x".repeat(5000)] {
        for refused in [client.put(name, 1), client.get(name).map(drop)] {
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }
    client.put(&"x".repeat(4000), 1)?;
    assert_eq!(client.snapshot()?.dictionary.len(), 1);
    drop(client);
    children.wait_until_left(0)?;
    Ok(())
}

fn random_managers() -> Outcome {
    let mut dice = Dice(9);
    for round in 0..200 {
        let told = Shared::new(AtomicU64::new(0))?;
        let (mut children, mut client) = start_manager(3, |number, mut client| {
            let mut ask = || -> io::Result<()> {
                for value in 0.. {
                    client.put(&number.to_string(), value)?;
                    client.append(value)?;
                    // What was whole stays whole: it is all there, or an error.
                    let Store { dictionary, list } = client.snapshot()?;
                    assert_eq!(dictionary[&number.to_string()], value);
                    assert!(list.len() as i64 > value);
                }
                Ok(())
            };
            if ask().unwrap_err().kind() == ErrorKind::BrokenPipe {
                told.fetch_add(1, SeqCst);
            }
        })?;
        dice.pass_time(2000);
        children.kill("manager");
        children.wait_until_left(0)?;
        assert_eq!(told.load(SeqCst), 3, "round {round}");
        let kind = client.length().unwrap_err().kind();
        assert_eq!(kind, ErrorKind::BrokenPipe, "round {round}");
    }
    Ok(())
}

/// Killed while they ask for more than a pipe holds: the manager is in the middle of writing.
fn random_clients() -> Outcome {
    let mut dice = Dice(11);
    for round in 0..50 {
        let (mut children, mut client) = start_manager(2, |number, mut client| {
            if number == 1 {
                let name = "x".repeat(3000);
                for value in 0.. {
                    client.put(&format!("{name}{}", value % 40), value).unwrap();
                    client.snapshot().unwrap();
                }
            }
            (0..30).for_each(|value| client.append(value).unwrap());
        })?;
        dice.pass_time(3000);
        children.kill("client 1");
        children.wait_until_left(1)?;
        assert_eq!(client.length()?, 30, "round {round}");
        drop(client);
        children.wait_until_left(0)?;
    }
    Ok(())
}

/// Neither child would ever end by itself.
fn dead_sibling() -> Outcome {
    let started = Shared::new(AtomicU64::new(0))?;
    let outcome = together(2, |child| {
        started.fetch_add(1, SeqCst);
        while started.load(SeqCst) < 2 {
            thread::yield_now();
        }
        if child == 1 {
            process::abort();
        }
        loop {
            thread::park();
        }
    });
    assert_eq!(
        outcome.unwrap_err().to_string(),
        "child 2 was killed by SIGABRT"
    );
    Ok(())
}

fn panics() -> Outcome {
    let outcome = together(1, |_| panic!("in silence"));
    assert_eq!(
        outcome.unwrap_err().to_string(),
        "child 1 left with exit status 101"
    );
    Ok(())
}

fn threads() -> Outcome {
    let refusal = thread::scope(|scope| {
        let other = scope.spawn(thread::park);
        let refusal = together(1, |_| ());
        other.thread().unpark();
        refusal
    });
    assert!(
        refusal
            .unwrap_err()
            .to_string()
            .contains("more than one thread")
    );
    // A thread that was joined may take a moment to be gone.
    while fs::read_dir("/proc/self/task")?.count() > 1 {
        thread::yield_now();
    }
    Ok(())
}
