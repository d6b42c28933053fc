//! Tries six times: more often than the search follows a loop that sees the same, and says.
use std::sync::Mutex;
use std::thread;

fn main() {
    let lock = Mutex::new(0);
    thread::scope(|scope| {
        let _held = lock.lock().unwrap();
        scope.spawn(|| {
            if (0..6).all(|_| lock.try_lock().is_err()) {
                println!("gives up");
            }
        });
    });
}
