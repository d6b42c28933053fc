//! Checked before the lock, but not again under it: made twice.
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;

static READY: AtomicBool = AtomicBool::new(false);
static MADE: AtomicU32 = AtomicU32::new(0);
static LOCK: Mutex<()> = Mutex::new(());

fn get() {
    if !READY.load(SeqCst) {
        let _guard = LOCK.lock().unwrap();
        MADE.fetch_add(1, SeqCst);
        READY.store(true, SeqCst);
    }
}

fn main() {
    thread::scope(|scope| {
        scope.spawn(get);
        scope.spawn(get);
    });
    assert_eq!(MADE.load(SeqCst), 1, "made twice");
}
