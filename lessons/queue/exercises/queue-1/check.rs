//! The judge of queue-1.

mod yours;

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use yours::Buffer;

/// One till puts, one clerk gets.
pub fn in_order() {
    let buffer = Buffer::new(1);
    let got = thread::scope(|scope| {
        scope.spawn(|| (1..=3).for_each(|value| buffer.put(value)));
        [(); 3].map(|()| buffer.get())
    });
    assert_eq!(got, [1, 2, 3], "the values come out in another order");
}

/// There is room for one value.
pub fn full() {
    let (buffer, done) = (Buffer::new(1), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            buffer.put(1);
            buffer.put(2);
            done.store(true, SeqCst);
        });
        let too_early = done.load(SeqCst);
        assert!(!too_early, "`put` does not wait: 2 values, and room for 1");
        assert_eq!((buffer.get(), buffer.get()), (1, 2), "got of 1 and 2");
    });
}

/// Two clerks, and room for one value.
pub fn two_clerks() {
    clerks(1);
}

/// Two clerks, and room for both values.
pub fn two_clerks_and_room() {
    clerks(2);
}

fn clerks(room: usize) {
    let buffer = Buffer::new(room);
    let mut got = thread::scope(|scope| {
        let clerks = [(); 2].map(|()| scope.spawn(|| buffer.get()));
        buffer.put(1);
        buffer.put(2);
        clerks.map(|clerk| clerk.join().unwrap())
    });
    got.sort();
    assert_eq!(got, [1, 2], "the clerks got other values than were put");
}

/// Two tills, and room for one value.
pub fn two_tills() {
    tills(&Buffer::new(1), &[]);
}

/// Two tills find two values in the buffer, and no room.
pub fn two_tills_and_no_room() {
    let (buffer, full) = (Buffer::new(2), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            buffer.put(3);
            buffer.put(4);
            full.store(true, SeqCst);
        });
        if full.load(SeqCst) {
            println!("two values are in the buffer");
            tills(&buffer, &[3, 4]);
        } else {
            assert_eq!((buffer.get(), buffer.get()), (3, 4), "got of 3 and 4");
        }
    });
}

fn tills(buffer: &Buffer<u32>, before: &[u32]) {
    let mut got = thread::scope(|scope| {
        for value in 1..=2 {
            scope.spawn(move || buffer.put(value));
        }
        Vec::from_iter((0..before.len() + 2).map(|_| buffer.get()))
    });
    let mut rest = got.split_off(before.len());
    rest.sort();
    assert_eq!(got, before, "what was in the buffer first");
    assert_eq!(rest, [1, 2], "the clerk got other values than were put");
}
