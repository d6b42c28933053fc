//! A receiver that has gone: the sender is told, or has sent before.
use std::sync::mpsc::channel;
use std::thread;

fn main() {
    let (sender, receiver) = channel();
    let thread = thread::spawn(move || {
        let first = receiver.recv().unwrap();
        drop(receiver);
        first
    });
    sender.send(1).unwrap();
    let second = sender.send(2);
    println!("{} {}", thread.join().unwrap(), second.is_ok());
    drop(sender);
}
