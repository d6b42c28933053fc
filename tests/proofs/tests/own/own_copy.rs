//! Each thread has a copy of its own: right.
use std::cell::Cell;
use std::thread;

thread_local! {
    static COUNT: Cell<u32> = Cell::new(1);
}

fn count() -> u32 {
    COUNT.with(|count| count.set(count.get() + 1));
    COUNT.with(|count| count.get())
}

fn main() {
    let thread = thread::spawn(|| {
        count();
        println!("thread counts {}", count());
    });
    println!("main counts {}", count());
    thread.join().unwrap();
}
