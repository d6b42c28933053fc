//! The body of a scope panics while its thread is at work: first the thread ends, as in `std`.
use std::sync::Mutex;
use std::thread;

fn main() {
    let number = Mutex::new(1);
    thread::scope(|scope| {
        scope.spawn(|| {
            *number.lock().unwrap() += 1;
            println!("the thread ends");
        });
        let seen = *number.lock().unwrap();
        assert!(seen == 2, "too early");
    });
}
