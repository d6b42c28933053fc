//! Each side waits until the other one makes room. Repair `ask`.
//!
//! It also runs as it is, and hangs: rustc --edition 2024 pipe-2.rs && ./pipe-2

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Sends all numbers, and returns all answers, in order. At the end of the questions there is
/// no sender left: the other side stops.
pub fn ask(questions: SyncSender<u32>, answers: Receiver<u32>, numbers: &[u32]) -> Vec<u32> {
    for &number in numbers {
        questions.send(number).unwrap();
    }
    drop(questions);
    answers.iter().collect()
}

fn main() {
    let (questions, asked) = sync_channel(1);
    let (reply, answers) = sync_channel(1);
    thread::scope(|scope| {
        scope.spawn(move || {
            asked
                .iter()
                .for_each(|number| reply.send(2 * number).unwrap())
        });
        println!("{:?}", ask(questions, answers, &[1, 2, 3, 4]));
    });
}
