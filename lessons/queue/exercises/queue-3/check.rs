//! The judge of queue-3.

mod yours;

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use yours::Handover;

/// One till, one clerk.
pub fn from_hand_to_hand() {
    let (handover, given) = (Handover::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            handover.put(70);
            given.store(true, SeqCst);
        });
        let too_early = given.load(SeqCst);
        assert!(!too_early, "`put` returns before its value is taken");
        assert_eq!(handover.take(), 70, "another value is taken");
    });
}

/// Two values, one after the other.
pub fn twice() {
    let handover = Handover::new();
    let taken = thread::scope(|scope| {
        scope.spawn(|| {
            handover.put(70);
            handover.put(80);
        });
        [handover.take(), handover.take()]
    });
    assert_eq!(taken, [70, 80], "other values are taken");
}

/// A clerk that does not wait.
pub fn without_waiting() {
    let handover = Handover::new();
    thread::scope(|scope| {
        scope.spawn(|| handover.put(70));
        match handover.try_take() {
            Some(70) => println!("there was an offer"),
            Some(other) => panic!("70 is offered, and {other} taken"),
            None => {
                println!("there was no offer");
                assert_eq!(handover.take(), 70, "another value is taken");
            }
        }
        assert_eq!(handover.try_take(), None, "one value is taken twice");
    });
}

/// Each of two tills knows when its own value is taken, whatever the other one does.
pub fn two_tills() {
    let handover = Handover::new();
    thread::scope(|scope| {
        let tills = [0, 1].map(|value| {
            let handover = &handover;
            scope.spawn(move || handover.put(value))
        });
        let first = handover.take();
        let other = 1 - first;
        let mut tills = tills.map(Some);
        // The other value is still on offer.
        tills[first].take().unwrap().join().unwrap();
        assert_eq!(handover.take(), other, "another value is taken");
    });
}

/// Each of two clerks gets a value.
pub fn two_clerks() {
    let handover = Handover::new();
    let mut taken = thread::scope(|scope| {
        let clerks = [(); 2].map(|()| scope.spawn(|| handover.take()));
        handover.put(70);
        handover.put(80);
        clerks.map(|clerk| clerk.join().unwrap())
    });
    taken.sort();
    assert_eq!(taken, [70, 80], "other values are taken");
}
