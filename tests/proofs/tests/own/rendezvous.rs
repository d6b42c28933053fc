//! A channel without room: who sends waits until the value is taken.
use std::sync::mpsc::sync_channel;
use std::thread;

fn main() {
    let (sender, receiver) = sync_channel(0);
    let thread = thread::spawn(move || {
        for number in 1..=2 {
            sender.send(number).unwrap();
            println!("sent {number}");
        }
    });
    for number in receiver.iter() {
        println!("got {number}");
    }
    thread.join().unwrap();
}
