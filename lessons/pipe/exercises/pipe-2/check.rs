//! The judge of pipe-2.

mod yours;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// The other side: it answers until there are no more questions.
fn answer(asked: Receiver<u32>, reply: SyncSender<u32>) {
    for number in asked {
        reply.send(2 * number).unwrap();
    }
}

/// Asks through channels that take so many messages each.
fn ask(room: usize, numbers: &[u32], other_side: fn(Receiver<u32>, SyncSender<u32>)) {
    let (questions, asked) = sync_channel(room);
    let (reply, answers) = sync_channel(room);
    let other = thread::spawn(move || other_side(asked, reply));
    let received = yours::ask(questions, answers, numbers);
    let right: Vec<_> = numbers.iter().map(|number| 2 * number).collect();
    assert!(
        received == right,
        "asked {numbers:?}, and the answers are {received:?}"
    );
    other.join().unwrap();
}

/// Channels with room for one message.
pub fn room_for_one() {
    ask(1, &[1, 2, 3, 4], answer);
}

/// Channels without any room: who sends waits for the one who receives.
pub fn no_room() {
    ask(0, &[1, 2, 3], answer);
}

/// A second question may be on its way before the first one is answered.
pub fn on_its_way() {
    ask(1, &[1, 2], |asked, reply| {
        let first = asked.recv().unwrap();
        let second = asked.try_recv();
        if second.is_ok() {
            println!("two questions without an answer");
        }
        reply.send(2 * first).unwrap();
        for number in second.into_iter().chain(asked) {
            reply.send(2 * number).unwrap();
        }
    });
}
