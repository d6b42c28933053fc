//! What can the kitchen print? Replace what stands in OUTPUTS.
//!
//! Run it as often as you like: rustc --edition 2024 coroutines-3.rs && ./coroutines-3

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;

/// Each output that the program can print, its lines joined by " | ", and no other.
pub const OUTPUTS: &[&str] = &["bread | all is on | tea", "all is on | bread | tea"];

async fn cook(meal: &str) {
    println!("{meal}");
}

pub fn main() {
    let soup = cook("soup");
    let bread = thread::spawn(|| println!("bread"));
    let tea = cook("tea");
    println!("all is on");
    block_on(tea);
    bread.join().unwrap();
    drop(soup);
}

/// Runs a coroutine to its end.
fn block_on<T>(coroutine: impl Future<Output = T>) -> T {
    let mut coroutine = pin!(coroutine);
    loop {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(result) = coroutine.as_mut().poll(&mut context) {
            return result;
        }
        thread::yield_now();
    }
}
