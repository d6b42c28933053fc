//! Two send, and `main` adds up what comes.
use std::sync::mpsc::channel;
use std::thread;

fn main() {
    let (sender, receiver) = channel();
    let threads = [1, 10].map(|value| {
        let sender = sender.clone();
        thread::spawn(move || (0..3).for_each(|_| sender.send(value).unwrap()))
    });
    let first = receiver.recv().unwrap() + receiver.recv().unwrap();
    let rest: u32 = (0..4).map(|_| receiver.recv().unwrap()).sum();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    println!("{first} {rest}");
}
