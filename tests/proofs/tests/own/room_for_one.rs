//! A channel with room for one value: `try_send` gives up when it is full.
use std::sync::mpsc::{TrySendError, sync_channel};
use std::thread;

fn main() {
    let (sender, receiver) = sync_channel(1);
    let thread = thread::spawn(move || {
        for number in 1..=2 {
            if let Err(TrySendError::Full(number)) = sender.try_send(number) {
                println!("no room for {number}");
            }
        }
    });
    let sum: u32 = receiver.iter().sum();
    println!("{sum}");
    thread.join().unwrap();
}
