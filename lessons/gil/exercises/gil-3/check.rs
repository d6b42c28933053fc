//! The judge of gil-3: who may enter.

mod yours;

use std::thread;
use yours::Door;

/// Two threads want to enter at the same time.
pub fn two_want() {
    let door = Door::default();
    let entered = thread::scope(|scope| {
        let threads = [0, 1].map(|thread| {
            let door = &door;
            scope.spawn(move || door.enter(thread))
        });
        threads.map(|thread| thread.join().unwrap())
    });
    assert!(entered != [true, true], "both are inside");
    if entered != [false, false] {
        println!("one may enter");
    }
}

/// Who wants to enter alone may, whichever thread it is.
pub fn one_wants() {
    for thread in 0..2 {
        let door = Door::default();
        let entered = thread::scope(|scope| scope.spawn(|| door.enter(thread)).join().unwrap());
        assert!(
            entered,
            "the other flag is down, and the thread may not enter"
        );
    }
}
