//! Small programs with the weakest orderings that are right, and what becomes of them if one of these is
//! weaker still: the search of executions finds that, and the search of schedules does not.

extern crate model_std as std;
extern crate std as real_std;

use interleave::{Bounds, Memory, Report, Seen, search_own};
use real_std::string::String;
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, fence};
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
