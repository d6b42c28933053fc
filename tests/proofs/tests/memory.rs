//! Small programs with the weakest orderings that are right, and what becomes of them if one of these is
//! weaker still: the search of executions finds that, and the search of schedules does not.

extern crate model_std as std;
extern crate std as real_std;

use interleave::{Bounds, Memory, Report, Seen, search_own};
use real_std::string::String;
use std::cell::UnsafeCell;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, fence};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Arc, Barrier, Mutex, Once, RwLock};
use std::thread;

/// What threads share, and something else has to keep them from using at once.
struct Shared(UnsafeCell<u32>);

// SAFETY: that is what the programs are about. The threads of a search share one of the system.
unsafe impl Sync for Shared {}

impl Shared {
    fn add_one(&self) {
        // SAFETY: as above.
        unsafe { *self.0.get() += 1 };
    }
}

/// Two visits, one of each thread, under a spin lock.
fn spin_lock(acquire: Ordering, release: Ordering) {
    let (locked, count) = (AtomicBool::new(false), Shared(UnsafeCell::new(0)));
    let visit = || {
        while locked.swap(true, acquire) {
            thread::yield_now();
        }
        count.add_one();
        locked.store(false, release);
    };
    thread::scope(|scope| {
        scope.spawn(visit);
        visit();
    });
    assert_eq!(count.0.into_inner(), 2);
}

/// The same with a compare and swap that looks first.
fn looking_spin_lock(acquire: Ordering, release: Ordering) {
    let (locked, count) = (AtomicBool::new(false), Shared(UnsafeCell::new(0)));
    let visit = || {
        while locked
            .compare_exchange(false, true, acquire, Relaxed)
            .is_err()
        {
            while locked.load(Relaxed) {
                thread::yield_now();
            }
        }
        count.add_one();
        locked.store(false, release);
    };
    thread::scope(|scope| {
        scope.spawn(visit);
        visit();
    });
    assert_eq!(count.0.into_inner(), 2);
}

/// A message, and a flag that says that it is there.
fn message(store: Ordering, load: Ordering) {
    let (message, there) = (AtomicU32::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            message.store(42, Relaxed);
            there.store(true, store);
        });
        while !there.load(load) {
            thread::yield_now();
        }
        assert_eq!(message.load(Relaxed), 42);
    });
}

/// The same with fences.
fn fenced_message(before: Option<Ordering>, behind: Option<Ordering>) {
    let (message, there) = (Shared(UnsafeCell::new(0)), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            message.add_one();
            before.into_iter().for_each(fence);
            there.store(true, Relaxed);
        });
        while !there.load(Relaxed) {
            thread::yield_now();
        }
        behind.into_iter().for_each(fence);
        message.add_one();
    });
}

/// Peterson's lock: G. L. Peterson, 1981.
fn peterson(store: Ordering, load: Ordering) {
    let wants = [AtomicBool::new(false), AtomicBool::new(false)];
    let (turn, count) = (AtomicUsize::new(0), Shared(UnsafeCell::new(0)));
    let visit = |me: usize| {
        let other = 1 - me;
        wants[me].store(true, store);
        turn.store(other, store);
        while wants[other].load(load) && turn.load(load) == other {
            thread::yield_now();
        }
        count.add_one();
        wants[me].store(false, Release);
    };
    thread::scope(|scope| {
        scope.spawn(|| visit(0));
        visit(1);
    });
    assert_eq!(count.0.into_inner(), 2);
}

/// A value behind a pointer, made once by the first who asks.
fn lazy(publish: Ordering, look: Ordering) {
    let (first, second) = (Shared(UnsafeCell::new(0)), AtomicPtr::default());
    thread::scope(|scope| {
        scope.spawn(|| {
            first.add_one();
            second.store((&raw const first).cast_mut(), publish);
        });
        let there = second.load(look);
        if !there.is_null() {
            first.add_one();
        }
    });
}

/// A count of owners, the last of whom uses what all of them have used.
fn count_down(order: Ordering) {
    let (owners, used) = (AtomicU32::new(2), Shared(UnsafeCell::new(0)));
    let leave = || {
        if owners.fetch_sub(1, order) == 1 {
            used.add_one();
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            used.add_one();
            leave();
        });
        leave();
    });
}

/// What the threads of an `Arc` do with it happens before its last owner drops it.
fn last_owner() {
    let shared = Arc::new(Shared(UnsafeCell::new(0)));
    let other = Arc::clone(&shared);
    let thread = thread::spawn(move || {
        other.add_one();
        drop(other);
    });
    if let Some(last) = Arc::into_inner(shared) {
        last.add_one();
    }
    thread.join().unwrap();
}

/// A thread does the first, and `main` the second: is what is done before the one ordered with what is
/// done behind the other, if that returns true?
fn hand_over(first: impl FnOnce() + Send, second: impl FnOnce() -> bool) {
    let shared = Shared(UnsafeCell::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            shared.add_one();
            first();
        });
        if second() {
            shared.add_one();
        }
    });
}

fn by_mutex() {
    let done = Mutex::new(false);
    hand_over(|| *done.lock().unwrap() = true, || *done.lock().unwrap());
}

fn by_quick_mutex() {
    let done = parking_lot::Mutex::new(false);
    hand_over(|| *done.lock() = true, || *done.lock());
}

fn by_a_lock_that_is_taken() {
    let lock = Mutex::new(());
    hand_over(|| drop(lock.lock()), || lock.try_lock().is_err());
}

fn by_writing_and_reading() {
    let done = RwLock::new(false);
    hand_over(|| *done.write().unwrap() = true, || *done.read().unwrap());
}

/// A reader counts, and a writer behind it sees that.
fn by_reading_and_writing() {
    let (lock, count) = (RwLock::new(()), AtomicU32::new(0));
    let read = || {
        let _reader = lock.read();
        count.store(1, Relaxed);
    };
    hand_over(read, || {
        let _writer = lock.write();
        count.load(Relaxed) == 1
    });
}

fn by_reading_and_reading() {
    let (lock, count) = (RwLock::new(()), AtomicU32::new(0));
    let read = || {
        let _reader = lock.read();
        count.store(1, Relaxed);
    };
    hand_over(read, || {
        let _reader = lock.read();
        count.load(Relaxed) == 1
    });
}

fn by_message() {
    let (sender, receiver) = channel();
    hand_over(|| sender.send(()).unwrap(), || receiver.recv().is_ok());
}

fn by_closing() {
    let (sender, receiver) = channel::<()>();
    hand_over(|| drop(sender), || receiver.recv().is_err());
}

/// The receiver goes first, and the sender has waited for it.
fn by_receiving(room: usize, messages: usize) {
    let (sender, receiver) = sync_channel(room);
    let shared = Shared(UnsafeCell::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..messages {
                sender.send(()).unwrap();
            }
            shared.add_one();
        });
        shared.add_one();
        receiver.recv().unwrap();
    });
}

fn by_barrier() {
    let barrier = Barrier::new(2);
    let wait = || _ = barrier.wait();
    hand_over(wait, || {
        barrier.wait();
        true
    });
}

fn by_once() {
    let once = Once::new();
    hand_over(|| once.call_once(|| ()), || once.is_completed());
}

fn by_parking() {
    let main = thread::current();
    hand_over(
        || main.unpark(),
        || {
            thread::park();
            true
        },
    );
}

fn by_counting_owners() {
    let owner = Arc::new(());
    let other = Arc::clone(&owner);
    hand_over(|| drop(other), || Arc::strong_count(&owner) == 1);
}

fn by_being_the_only_owner() {
    let mut owner = Arc::new(());
    let other = Arc::clone(&owner);
    hand_over(|| drop(other), || Arc::get_mut(&mut owner).is_some());
}

fn by_looking_for_its_end(join: bool) {
    let shared = Arc::new(Shared(UnsafeCell::new(0)));
    let other = Arc::clone(&shared);
    let thread = thread::spawn(move || {
        other.add_one();
        real_std::mem::forget(other);
    });
    if join || thread.is_finished() {
        if join {
            thread.join().unwrap();
        }
        shared.add_one();
    }
}

/// What two threads add to without any order.
fn without_order() {
    let shared = Shared(UnsafeCell::new(0));
    thread::scope(|scope| {
        scope.spawn(|| shared.add_one());
        shared.add_one();
    });
}

fn search(program: fn(), memory: Memory) -> Report {
    // Not a closure: `search_own` takes a function.
    thread_local! { static PROGRAM: real_std::cell::Cell<fn()> = const { real_std::cell::Cell::new(|| ()) }; }
    PROGRAM.set(program);
    let bounds = Bounds {
        memory,
        reduce: true,
        most_steps: 2_000,
        ..Bounds::NONE
    };
    search_own(bounds, || Ok(PROGRAM.get()()), |_| true)
}

/// The first bad end in a few words, if there is one.
fn bad(report: &Report) -> Option<String> {
    let mut bad = report.ends.keys().filter(|(seen, _)| seen.is_bad());
    bad.next().map(|(seen, _)| match seen {
        Seen::Race(_) => "data race".into(),
        Seen::Panicked(_) => "panic".into(),
        other => format!("{other:?}"),
    })
}

/// A program, and how it ends badly in an execution.
type Row = (&'static str, fn(), Option<&'static str>);

const TABLE: &[Row] = &[
    ("spin lock", || spin_lock(Acquire, Release), None),
    (
        "spin lock, released relaxed",
        || spin_lock(Acquire, Relaxed),
        Some("data race"),
    ),
    (
        "spin lock, acquired relaxed",
        || spin_lock(Relaxed, Release),
        Some("data race"),
    ),
    (
        "looking spin lock",
        || looking_spin_lock(Acquire, Release),
        None,
    ),
    (
        "looking spin lock, released relaxed",
        || looking_spin_lock(Acquire, Relaxed),
        Some("data race"),
    ),
    (
        "looking spin lock, acquired relaxed",
        || looking_spin_lock(Relaxed, Release),
        Some("data race"),
    ),
    ("message", || message(Release, Acquire), None),
    (
        "message, sent relaxed",
        || message(Relaxed, Acquire),
        Some("panic"),
    ),
    (
        "message, received relaxed",
        || message(Release, Relaxed),
        Some("panic"),
    ),
    (
        "fenced message",
        || fenced_message(Some(Release), Some(Acquire)),
        None,
    ),
    (
        "fenced message, sent without",
        || fenced_message(None, Some(Acquire)),
        Some("data race"),
    ),
    (
        "fenced message, received without",
        || fenced_message(Some(Release), None),
        Some("data race"),
    ),
    ("Peterson", || peterson(SeqCst, SeqCst), None),
    (
        "Peterson, released",
        || peterson(Release, SeqCst),
        Some("data race"),
    ),
    (
        "Peterson, acquired",
        || peterson(SeqCst, Acquire),
        Some("data race"),
    ),
    (
        "Peterson, both",
        || peterson(Release, Acquire),
        Some("data race"),
    ),
    ("lazy", || lazy(Release, Acquire), None),
    (
        "lazy, published relaxed",
        || lazy(Relaxed, Acquire),
        Some("data race"),
    ),
    ("count down", || count_down(AcqRel), None),
    (
        "count down, released only",
        || count_down(Release),
        Some("data race"),
    ),
    ("last owner of an Arc", last_owner, None),
    ("without order", without_order, Some("data race")),
    ("by mutex", by_mutex, None),
    ("by mutex of parking_lot", by_quick_mutex, None),
    (
        "by a lock that is taken",
        by_a_lock_that_is_taken,
        Some("data race"),
    ),
    ("by writing and reading", by_writing_and_reading, None),
    ("by reading and writing", by_reading_and_writing, None),
    (
        "by reading and reading",
        by_reading_and_reading,
        Some("data race"),
    ),
    ("by message", by_message, None),
    ("by closing", by_closing, None),
    ("by receiving, at a rendezvous", || by_receiving(0, 1), None),
    ("by receiving, for room", || by_receiving(1, 2), None),
    (
        "by receiving, with room",
        || by_receiving(2, 2),
        Some("data race"),
    ),
    ("by barrier", by_barrier, None),
    ("by once", by_once, None),
    ("by parking", by_parking, None),
    ("by counting owners", by_counting_owners, Some("data race")),
    ("by being the only owner", by_being_the_only_owner, None),
    (
        "by looking for its end",
        || by_looking_for_its_end(false),
        Some("data race"),
    ),
    ("by joining", || by_looking_for_its_end(true), None),
];

#[test]
fn weaker_orderings_are_caught_by_executions_and_not_by_schedules() {
    let mut wrong = Vec::new();
    for &(name, program, ends) in TABLE {
        let executions = search(program, Memory::Rust);
        let schedules = search(program, Memory::SequentiallyConsistent);
        let (found, quiet) = (bad(&executions), bad(&schedules));
        println!(
            "{name}: {} executions ({} runs), {} schedules: {found:?}",
            executions.found.schedules, executions.found.runs, schedules.found.schedules
        );
        assert!(schedules.complete && executions.complete, "{name}");
        if found.as_deref() != ends || quiet.is_some() {
            wrong.push(format!("{name}: {:?}, {quiet:?}", executions.ends));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
