//! The judge of futures-2.

mod yours;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;
use yours::Lazy;

/// Two threads ask.
pub fn two_ask() {
    let lazy = Lazy::new();
    let (first, second) = thread::scope(|scope| {
        let ask = |value| {
            let mut made = 0;
            let make = || {
                made += 1;
                value
            };
            (lazy.get_or_init(make), made)
        };
        let other = scope.spawn(move || ask(1));
        (ask(2), other.join().unwrap())
    });
    assert_eq!(first.1 + second.1, 1, "how often the value is made");
    assert_eq!(first.0, second.0, "the values that two threads get");
    assert_eq!(lazy.get(), Some(first.0), "the value that is there later");
}

/// Two threads ask, and a third one looks.
pub fn one_looks() {
    let (lazy, count) = (Lazy::new(), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 1..=2 {
            scope.spawn(|| lazy.get_or_init(|| count.fetch_add(1, SeqCst)));
        }
        let seen = lazy.get();
        assert!(
            matches!(seen, None | Some(0)),
            "a look finds {seen:?}, and 0 is made first"
        );
    });
    assert_eq!(count.into_inner(), 1, "how often the value is made");
}

/// The value is there, and two threads look.
pub fn two_look() {
    let lazy = Lazy::new();
    lazy.get_or_init(|| 7);
    let seen = thread::scope(|scope| {
        let other = scope.spawn(|| lazy.get());
        [lazy.get(), other.join().unwrap()]
    });
    assert_eq!(seen, [Some(7); 2], "what two threads see that look at 7");
}

/// A look while the value is being made.
pub fn a_look_does_not_wait() {
    let lazy = Lazy::new();
    let (being_made, looked) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            lazy.get_or_init(|| {
                being_made.store(true, SeqCst);
                if looked.load(SeqCst) {
                    println!("a look while it is made");
                }
            })
        });
        if being_made.load(SeqCst) {
            lazy.get();
            looked.store(true, SeqCst);
        }
    });
}

/// Two values have nothing to do with each other.
pub fn two_values() {
    let (lazies, at_work) = ([Lazy::new(), Lazy::new()], AtomicU32::new(0));
    let make = || {
        if at_work.fetch_add(1, SeqCst) == 1 {
            println!("two are made at once");
        }
        at_work.fetch_sub(1, SeqCst);
    };
    thread::scope(|scope| {
        scope.spawn(|| lazies[0].get_or_init(make));
        lazies[1].get_or_init(make);
    });
}
