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
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};
use std::{env, fs, mem, thread};

use children::{Children, together};
use manager::{Client, Store, manager};
use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{self, SaFlags, SigAction, SigHandler, SigSet, Signal};
use nix::sys::wait::{self, WaitPidFlag};
use nix::unistd::{self, ForkResult, Pid, alarm};
use shared::{Shared, SharedMutex};

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
    ("repaired_once_and_not_before", repaired_once),
    ("a_repairer_that_dies_leaves_it_to_the_next", repairer_dies),
    ("who_locks_twice_is_refused", twice),
    ("a_change_that_panics_is_repaired_as_well", holder_panics),
    (
        "a_lock_taken_while_a_panic_is_under_way_is_whole",
        locked_while_panicking,
    ),
    ("who_holds_the_lock_cannot_fork", fork_under_lock),
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
    ("a_panic_is_told_with_its_place", panics),
    ("no_panic_gets_into_the_parents_code", no_escape),
    ("other_children_are_left_alone", other_children),
    ("a_child_does_not_take_its_parents_input", parents_input),
    ("what_is_printed_is_printed_once", printed_once),
    (
        "exit_statuses_are_kept_if_sigchld_is_ignored",
        sigchld_ignored,
    ),
    ("a_signal_does_not_end_the_wait", interrupted),
    ("a_parent_that_is_gone_already_is_noticed", orphan),
    ("a_program_with_threads_is_refused", threads),
];

/// Set in a run that is part of a test, to which.
const PART: &str = "KILLS_PART";

fn main() -> Outcome {
    alarm::set(300);
    match env::var(PART).as_deref() {
        Ok("read") => return read_in_both(),
        Ok("print") => return print_in_both(),
        _ => {}
    }
    // This program may have inherited that it is ignored.
    set_sigchld(SigHandler::SigDfl);
    let filters: Vec<_> = env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let chosen = |name: &str| filters.is_empty() || filters.iter().any(|f| name.contains(f));
    let tests: Vec<_> = TESTS.iter().filter(|(name, _)| chosen(name)).collect();
    println!("\nrunning {} tests", tests.len());
    for (name, test) in &tests {
        // What hangs ends here.
        alarm::set(300);
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

/// A total, what it is the total of, and how often it was repaired.
type Books = (i64, [i64; 3], i64);

/// Two changes, and so much work between them.
fn sell(books: &SharedMutex<Books>, till: usize, work: u32) {
    books.with(|(total, tills, _)| {
        tills[till] += 1;
        for step in 0..work {
            black_box(step);
        }
        *total += 1;
    });
}

fn add_up((total, tills, repairs): &mut Books) {
    *total = tills.iter().sum();
    *repairs += 1;
}

fn lock() -> Outcome {
    let books = SharedMutex::new(Books::default(), add_up)?;
    together(3, |till| {
        for _ in 0..50_000 {
            sell(&books, till, 10);
        }
    })?;
    assert_eq!(books.with(|books| *books), (150_000, [50_000; 3], 0));
    Ok(())
}

/// For a number where it makes no sense to repair it.
fn give_up(_: &mut i64) {
    panic!("a holder died");
}

/// A number, and how often it was repaired.
type Repaired = (i64, i64);

fn count_repairs((_, repairs): &mut Repaired) {
    *repairs += 1;
}

/// Returns when the lock is held by a child that never releases it, and has added one.
fn start_holder(children: &mut Children, mutex: &SharedMutex<Repaired>) -> io::Result<()> {
    let (mut listen, tell) = io::pipe()?;
    children.start("holder", || {
        let mut tell = tell;
        mutex.with(|(value, _)| {
            *value += 1;
            tell.write_all(b"!").unwrap();
            loop {
                thread::park();
            }
        })
    })?;
    listen.read_exact(&mut [0])
}

fn waiter_is_told() -> Outcome {
    let mutex = SharedMutex::new((0, 0), count_repairs)?;
    let mut children = Children::default();
    start_holder(&mut children, &mutex)?;
    let (mut listen, tell) = io::pipe()?;
    children.start("waiter", || {
        let mut tell = tell;
        tell.write_all(b"!").unwrap();
        mutex.with(|(value, _)| *value += 10);
    })?;
    listen.read_exact(&mut [0])?;
    children.kill("holder");
    children.wait_until_left(0)?;
    assert_eq!(mutex.with(|value| *value), (11, 1));
    Ok(())
}

fn repaired_once() -> Outcome {
    let mutex = SharedMutex::new((0, 0), count_repairs)?;
    let mut children = Children::default();
    for death in 1..=3 {
        start_holder(&mut children, &mutex)?;
        children.kill("holder");
        for _ in 0..3 {
            assert_eq!(mutex.with(|value| *value), (death, death));
        }
        together(2, |_| {
            assert_eq!(mutex.with(|value| *value), (death, death))
        })?;
    }
    Ok(())
}

/// The first repairer aborts, the next two panic: once in a child, once here.
fn repairer_dies() -> Outcome {
    let mutex = SharedMutex::new((0, 0), |(_, repairs): &mut Repaired| {
        *repairs += 1;
        match *repairs {
            1 => process::abort(),
            2 | 3 => panic!("half way"),
            _ => {}
        }
    })?;
    let mut children = Children::default();
    start_holder(&mut children, &mutex)?;
    children.kill("holder");
    let look = || mutex.with(|value| *value);
    let aborted = together(1, |_| _ = look()).unwrap_err().to_string();
    assert_eq!(aborted, "child 1 was killed by SIGABRT");
    let panicked = together(1, |_| _ = look()).unwrap_err().to_string();
    assert!(panicked.ends_with("half way"), "{panicked}");
    assert!(panics_in(|| _ = look()));
    assert_eq!(look(), (1, 4));
    assert_eq!(look(), (1, 4));
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
    let mutex = SharedMutex::new(0, give_up)?;
    mutex.with(|value| {
        assert!(panics_in(|| mutex.with(|_| ())));
        *value += 1;
    });
    assert_eq!(mutex.with(|value| *value), 1);
    Ok(())
}

fn holder_panics() -> Outcome {
    let mutex = SharedMutex::new((0, 0), count_repairs)?;
    mutex.with(|(value, _)| *value = 1);
    assert!(panics_in(|| mutex.with(|(value, _)| {
        *value = 2;
        panic!("half way");
    })));
    assert_eq!(mutex.with(|value| *value), (2, 1));
    assert_eq!(mutex.with(|value| *value), (2, 1));
    Ok(())
}

/// It takes the lock when it is dropped.
struct AddOne<'a>(&'a SharedMutex<i64>);

impl Drop for AddOne<'_> {
    fn drop(&mut self) {
        self.0.with(|value| *value += 1);
    }
}

/// It is the change that has to be whole, whatever else is going wrong meanwhile.
fn locked_while_panicking() -> Outcome {
    let mutex = SharedMutex::new(0, give_up)?;
    assert!(panics_in(|| {
        let _add_one = AddOne(&mutex);
        panic!("elsewhere");
    }));
    assert_eq!(mutex.with(|value| *value), 1);
    Ok(())
}

/// The child would have a copy of the `&mut`, and change what the lock guards without it.
fn fork_under_lock() -> Outcome {
    let mutex = SharedMutex::new(0, give_up)?;
    let mut children = Children::default();
    let refused = "cannot fork: this thread holds a lock in shared memory";
    mutex.with(|value| {
        let taken_along = children.start("thief", move || *value = 666);
        assert_eq!(taken_along.unwrap_err().to_string(), refused);
        let nothing_taken = children.start("idler", || ());
        assert_eq!(nothing_taken.unwrap_err().to_string(), refused);
    });
    children.start("next", || mutex.with(|value| *value += 1))?;
    children.wait_until_left(0)?;
    assert_eq!(mutex.with(|value| *value), 1);
    Ok(())
}

/// The same lock all the time: each death is to leave it fit for use, and the sums right.
fn random_holders() -> Outcome {
    const SALES: i64 = 100;
    let books = SharedMutex::new(Books::default(), add_up)?;
    let (begun, done) = (
        Shared::new(AtomicI64::new(0))?,
        Shared::new(AtomicI64::new(0))?,
    );
    let mut dice = Dice(2026);
    // Some kills hit a holder and some do not: until 200 of them did.
    for round in 1.. {
        assert!(round < 5000, "hardly a holder is hit, or nobody repairs");
        let mut children = Children::default();
        let done_before = done.load(SeqCst);
        children.start("victim", || {
            loop {
                begun.fetch_add(1, SeqCst);
                sell(&books, 0, 1000);
                done.fetch_add(1, SeqCst);
            }
        })?;
        for till in [1, 2] {
            let sell = || (0..SALES).for_each(|_| sell(&books, till, 10));
            children.start(format!("till {till}"), sell)?;
        }
        // In every other round it is at work for sure.
        while round % 2 == 0 && done.load(SeqCst) == done_before {
            thread::yield_now();
        }
        dice.pass_time(500);
        children.kill("victim");
        children.wait_until_left(0)?;

        let (total, [victim, others @ ..], repairs) = books.with(|books| *books);
        assert_eq!(others, [round * SALES; 2], "round {round}");
        assert_eq!(total, victim + others[0] + others[1], "round {round}");
        let (begun, done) = (begun.load(SeqCst), done.load(SeqCst));
        assert!((done..=begun).contains(&victim), "round {round}: {victim}");
        assert!(begun - done <= round);
        assert!(no_child_left(), "round {round}");
        if repairs >= 200 {
            break;
        }
    }
    Ok(())
}

/// The victim may have been woken to take the lock: then another one must be.
fn random_waiters() -> Outcome {
    let books = SharedMutex::new(Books::default(), add_up)?;
    let mut dice = Dice(7);
    for _ in 0..200 {
        let mut children = Children::default();
        children.start("victim", || {
            loop {
                sell(&books, 0, 30_000);
            }
        })?;
        for till in [1, 2] {
            let sell = || (0..200).for_each(|_| sell(&books, till, 30_000));
            children.start(format!("till {till}"), sell)?;
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
    for name in ["two\nlines", "\n", &"x".repeat(4001)] {
        for refused in [client.put(name, 1), client.get(name).map(drop)] {
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }
    client.put(&"x".repeat(4000), i64::MIN)?;
    // Each of these is a name of its own.
    for (value, name) in (0..).zip(["a", "a\r", "a\r\r", "\r", ""]) {
        client.put(name, value)?;
    }
    for (value, name) in (0..).zip(["a", "a\r", "a\r\r", "\r", ""]) {
        assert_eq!(client.get(name)?, Some(value), "{name:?}");
    }
    let names = client.snapshot()?.dictionary;
    assert_eq!(names.len(), 6);
    assert_eq!(names["a\r"], 1);
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
    let line = line!() + 1;
    let outcome = together(1, |_| panic!("out of\npaper"));
    let told = outcome.unwrap_err().to_string();
    let start = format!("child 1 panicked at {}:{line}:", file!());
    assert!(told.starts_with(&start), "{told}, not {start}");
    assert!(told.ends_with(": out of paper"), "{told}");
    // However long the message is, the child does not wait for a reader.
    let outcome = together(1, |_| panic!("{}", "long ".repeat(100_000)));
    assert_eq!(outcome.unwrap_err().to_string().len(), 8 + 4096);
    let outcome = together(1, |_| process::exit(101));
    let told = outcome.unwrap_err().to_string();
    assert_eq!(told, "child 1 left with exit status 101");
    Ok(())
}

/// It panics again when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("again");
    }
}

fn no_escape() -> Outcome {
    let this = process::id();
    let bombs: [fn(); 3] = [
        || panic::panic_any(Bomb),
        || panic::resume_unwind(Box::new(Bomb)),
        || (),
    ];
    for (number, bomb) in (0..).zip(bombs) {
        let print_trace = panic::take_hook();
        if number == 2 {
            // The child drops this hook as it sets its own.
            let bomb = Bomb;
            panic::set_hook(Box::new(move |_| _ = &bomb));
        }
        let told = panic::catch_unwind(|| together(1, |_| bomb()));
        if process::id() != this {
            // SAFETY: this is a child that must not be here, and leaves at once.
            unsafe { libc::_exit(0) };
        }
        mem::forget(panic::take_hook());
        panic::set_hook(print_trace);
        let told = told.unwrap().unwrap_err().to_string();
        assert!(
            told.starts_with("child 1 panicked") || told.ends_with("status 101"),
            "{told}"
        );
    }
    struct ForkInDrop;
    impl Drop for ForkInDrop {
        fn drop(&mut self) {
            let refusal = together(1, |_| ()).unwrap_err().to_string();
            assert_eq!(refusal, "cannot fork: a panic is under way");
        }
    }
    assert!(panics_in(|| {
        let _fork = ForkInDrop;
        panic!("first");
    }));
    Ok(())
}

/// They are of this program, but not among these.
fn other_children() -> Outcome {
    let mut before = Command::new("true").spawn()?;
    together(2, |_| ())?;
    assert!(before.wait()?.success());
    let mut living = Command::new("cat").stdin(Stdio::piped()).spawn()?;
    let mut children = Children::default();
    start_holder(&mut children, &SharedMutex::new((0, 0), count_repairs)?)?;
    children.kill("holder");
    drop(children);
    assert!(living.try_wait()?.is_none());
    drop(living.stdin.take());
    assert!(living.wait()?.success());
    Ok(())
}

/// What this program prints if it does that part of a test, given that input.
fn part(name: &str, input: &str) -> Result<String, Box<dyn Error>> {
    let mut part = Command::new(env::current_exe()?)
        .env(PART, name)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    part.stdin.take().unwrap().write_all(input.as_bytes())?;
    let output = part.wait_with_output()?;
    assert!(output.status.success(), "{output:?}");
    Ok(String::from_utf8(output.stdout)?)
}

fn parents_input() -> Outcome {
    assert_eq!(part("read", "a line\n")?, "parent \"a line\\n\"");
    Ok(())
}

fn read_in_both() -> Outcome {
    together(1, |_| {
        assert_eq!(io::read_to_string(io::stdin()).unwrap(), "");
        // The program inherits the input.
        assert!(Command::new("cat").status().unwrap().success());
    })?;
    print!("parent {:?}", io::read_to_string(io::stdin())?);
    Ok(())
}

fn printed_once() -> Outcome {
    let printed = part("print", "")?;
    assert_eq!(printed, "parent: child\nand no line end, parent again\n");
    Ok(())
}

fn print_in_both() -> Outcome {
    print!("parent: ");
    together(1, |_| print!("child\nand no line end"))?;
    println!(", parent again");
    Ok(())
}

/// How it was before.
fn set_sigchld(handler: SigHandler) -> SigHandler {
    // SAFETY: none of these runs any code.
    unsafe { signal::signal(Signal::SIGCHLD, handler) }.unwrap()
}

fn sigchld_ignored() -> Outcome {
    set_sigchld(SigHandler::SigIgn);
    let told = together(1, |_| process::exit(3)).unwrap_err().to_string();
    assert_eq!(told, "child 1 left with exit status 3");
    let now = set_sigchld(SigHandler::SigDfl);
    assert!(matches!(now, SigHandler::SigDfl), "{now:?}");
    Ok(())
}

fn sleeps(id: Pid) -> bool {
    fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| stat.contains(") S "))
}

/// The parent is interrupted while it waits for one of them, and while it waits for its end.
fn interrupted() -> Outcome {
    extern "C" fn nothing(_: libc::c_int) {}
    let handler = SigHandler::Handler(nothing);
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing.
    unsafe { signal::sigaction(Signal::SIGUSR1, &action) }?;
    let parent = unistd::getpid();
    let interrupt = || {
        for _ in 0..50 {
            while !sleeps(parent) {
                thread::yield_now();
            }
            signal::kill(parent, Signal::SIGUSR1).unwrap();
        }
    };
    let told = together(1, |_| {
        interrupt();
        for descriptor in 3..64 {
            // SAFETY: whatever it belonged to, this child does not use it any more.
            unsafe { libc::close(descriptor) };
        }
        interrupt();
        process::exit(3)
    });
    let told = told.unwrap_err().to_string();
    assert_eq!(told, "child 1 left with exit status 3");
    // SAFETY: no code of ours.
    unsafe { signal::signal(Signal::SIGUSR1, SigHandler::SigDfl) }?;
    Ok(())
}

/// A parent that is killed between `fork` and the child's first step.
fn orphan() -> Outcome {
    static PARENT: AtomicI32 = AtomicI32::new(0);
    extern "C" fn leave() {
        // SAFETY: nothing comes after it.
        unsafe { libc::_exit(0) };
    }
    extern "C" fn wait_until_it_left() {
        let start = Instant::now();
        while unistd::getppid().as_raw() == PARENT.load(SeqCst) {
            assert!(start.elapsed() < Duration::from_secs(60));
            thread::yield_now();
        }
    }
    let (mut listen, tell) = io::pipe()?;
    // SAFETY: there is one thread.
    match unsafe { unistd::fork() }? {
        ForkResult::Parent { child } => {
            drop(tell);
            wait::waitpid(child, None)?;
        }
        ForkResult::Child => {
            PARENT.store(unistd::getpid().as_raw(), SeqCst);
            // SAFETY: both are functions that may be called at any time.
            unsafe { libc::pthread_atfork(None, Some(leave), Some(wait_until_it_left)) };
            let _ = together(1, |_| {
                (&tell).write_all(b"a job without a parent").unwrap();
            });
            unreachable!("the parent leaves in `fork`");
        }
    }
    let mut said = String::new();
    listen.read_to_string(&mut said)?;
    assert_eq!(said, "");
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
