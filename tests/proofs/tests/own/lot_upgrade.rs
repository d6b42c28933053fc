//! Made once, however many look for it: a reader that may become a writer lets no other in before.

use std::thread;

use parking_lot::{RwLock, RwLockUpgradableReadGuard};

static MADE: RwLock<Vec<&str>> = RwLock::new(Vec::new());

fn get() -> &'static str {
    if let Some(made) = MADE.read().first() {
        return made;
    }
    let looked = MADE.upgradable_read();
    if looked.is_empty() {
        RwLockUpgradableReadGuard::upgrade(looked).push("made");
    }
    "made"
}

fn main() {
    thread::scope(|scope| {
        scope.spawn(get);
        scope.spawn(get);
    });
    assert_eq!(*MADE.read(), ["made"]);
}
