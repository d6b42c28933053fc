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

/// Who wants to enter alone may.
pub fn one_wants() {
    let door = Door::default();
    let entered = thread::scope(|scope| scope.spawn(|| door.enter(0)).join().unwrap());
    assert!(
        entered,
        "nobody else is there, and the thread may not enter"
    );
}
