//! The judge of futures-1.

mod yours;

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use yours::Promise;

/// One thread asks.
pub fn one_asks() {
    let promise = Promise::new();
    let asked = thread::scope(|scope| {
        let asker = scope.spawn(|| promise.result());
        assert_eq!(promise.set_result(7), Ok(()), "the first result is refused");
        asker.join().unwrap()
    });
    assert_eq!(asked, 7, "what the asker gets of 7");
}

/// Two threads ask, and then this one.
pub fn two_ask() {
    let promise = Promise::new();
    let asked = thread::scope(|scope| {
        let askers = [(); 2].map(|()| scope.spawn(|| promise.result()));
        assert_eq!(promise.set_result(7), Ok(()), "the first result is refused");
        askers.map(|asker| asker.join().unwrap())
    });
    assert_eq!(asked, [7, 7], "what two askers get of 7");
    assert_eq!(
        promise.result(),
        7,
        "what is there for those that ask later"
    );
}

/// Two threads set a result.
pub fn two_set() {
    let promise = Promise::new();
    let (asked, set) = thread::scope(|scope| {
        let setters = [1, 2].map(|value| {
            let promise = &promise;
            scope.spawn(move || promise.set_result(value))
        });
        (
            promise.result(),
            setters.map(|setter| setter.join().unwrap()),
        )
    });
    match set {
        [Ok(()), Err(2)] => assert_eq!(asked, 1, "1 was accepted, and this is asked"),
        [Err(1), Ok(())] => assert_eq!(asked, 2, "2 was accepted, and this is asked"),
        other => panic!("one of two results has to be refused, and this is said: {other:?}"),
    }
    assert_eq!(promise.result(), asked, "the result has changed");
}

/// The result is there before a thread asks, or not.
pub fn before_a_thread_asks() {
    let (promise, set) = (Promise::new(), AtomicBool::new(false));
    assert!(!promise.done(), "it is done before a result is set");
    thread::scope(|scope| {
        scope.spawn(|| {
            promise.set_result(7).unwrap();
            set.store(true, SeqCst);
        });
        if set.load(SeqCst) {
            println!("set before a thread asks");
            assert!(promise.done(), "a result is set, and it is not done");
        }
        assert_eq!(promise.result(), 7, "what the asker gets of 7");
    });
}
