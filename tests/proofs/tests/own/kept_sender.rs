//! `main` keeps a sender, so the loop over the receiver never ends.
use std::sync::mpsc::channel;
use std::thread;

fn main() {
    let (sender, receiver) = channel();
    for till in 1..=2 {
        let sender = sender.clone();
        thread::spawn(move || sender.send(till).unwrap());
    }
    let sum: u32 = receiver.iter().sum();
    println!("{sum}");
    drop(sender);
}
