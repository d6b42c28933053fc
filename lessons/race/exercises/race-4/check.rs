//! The judge of race-4.

mod yours;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use yours::Cache;

/// Two threads ask for the same key.
pub fn same_key() {
    let (cache, made) = (&Cache::new(), &AtomicU32::new(0));
    let make = || 100 + made.fetch_add(1, SeqCst);
    let values = thread::scope(|scope| {
        [(); 2]
            .map(|()| scope.spawn(|| cache.get(1, make)))
            .map(|thread| thread.join().unwrap())
    });
    let made = made.load(SeqCst);
    assert!(made == 1, "the value of one key was made {made} times");
    assert!(
        values == [100, 100],
        "100 was made, but `get` says {values:?}"
    );
    let again = cache.get(1, || panic!("a value that is there is made again"));
    assert!(again == 100, "100 was made, but `get` says {again}");
}

/// Two threads ask for different keys.
pub fn different_keys() {
    let (cache, making) = (&Cache::new(), &AtomicU32::new(0));
    let (values, most) = thread::scope(|scope| {
        let threads = [1, 2].map(|key| {
            scope.spawn(move || {
                let mut others = 0;
                let value = cache.get(key, || {
                    others = making.fetch_add(1, SeqCst);
                    making.fetch_sub(1, SeqCst);
                    100 * key
                });
                (value, others)
            })
        });
        let [one, two] = threads.map(|thread| thread.join().unwrap());
        ([one.0, two.0], one.1 + two.1)
    });
    assert!(
        values == [100, 200],
        "100 and 200 were made, but `get` says {values:?}"
    );
    if most == 1 {
        println!("two at once");
    }
}
