//! Two threads of a scope, one of which panics: the other's result is still there.
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

fn main() {
    let left = AtomicU32::new(1);
    let take = || match left.swap(0, SeqCst) {
        0 => panic!("none left"),
        taken => taken,
    };
    let [one, two] = thread::scope(|scope| {
        [scope.spawn(take), scope.spawn(take)].map(|thread| thread.join().ok())
    });
    println!("{one:?} {two:?}");
}
