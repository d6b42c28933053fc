//! What two threads send arrives in any order, but what one sends keeps its own.
use std::sync::mpsc::channel;
use std::thread;

fn main() {
    let (sender, receiver) = channel();
    let threads = ["a", "b"].map(|name| {
        let sender = sender.clone();
        thread::spawn(move || (1..=2).for_each(|number| sender.send((name, number)).unwrap()))
    });
    for _ in 0..4 {
        let (name, number) = receiver.recv().unwrap();
        println!("{name}{number}");
    }
    for thread in threads {
        thread.join().unwrap();
    }
}
