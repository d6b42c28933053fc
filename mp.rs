use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread;

fn main() {
    let (words, written) = (AtomicU32::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            words.store(300, Relaxed);
            written.store(true, Relaxed);
        });
        scope.spawn(|| {
            if written.load(Relaxed) {
                println!("{} words", words.load(Relaxed));
            }
        });
    });
}
