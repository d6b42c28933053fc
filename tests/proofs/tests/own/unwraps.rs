#![doc = "The last owner [of two] takes the value out. A rendezvous hands a value back without a receiver."]

use std::sync::{Arc, Mutex, mpsc};
use std::thread;

fn main() {
    let sum = Arc::new(Mutex::new(1));
    let also = Arc::clone(&sum);
    let (sender, receiver) = mpsc::sync_channel(0);
    let sending = thread::spawn(move || {
        *also.lock().unwrap() += 1;
        drop(also);
        println!("{:?}", sender.send(3));
    });
    drop(receiver);
    sending.join().unwrap();
    let sum = Arc::try_unwrap(sum).expect("one owner");
    println!("{}", sum.into_inner().unwrap());
}
