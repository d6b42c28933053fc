//! The judge of choosing-1.

mod yours;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use yours::map;

/// Three items.
pub fn in_order() {
    let count = AtomicU32::new(0);
    let work = |item| {
        // A step, so that any of them may be the first.
        count.fetch_add(1, SeqCst);
        item * 10
    };
    let results = map(vec![1, 2, 3], work);
    assert_eq!(results, [10, 20, 30], "the results of 1, 2 and 3");
    assert_eq!(
        count.into_inner(),
        3,
        "how often `work` is called for three items"
    );
}

/// How many are under way.
pub fn side_by_side() {
    let at_work = AtomicU32::new(0);
    let work = |_| {
        let others = at_work.fetch_add(1, SeqCst);
        at_work.fetch_sub(1, SeqCst);
        others
    };
    if map(vec![(), (), ()], work).contains(&2) {
        println!("three at work");
    }
}

/// The second of three items panics.
pub fn a_panic() {
    let work = |item| {
        assert!(item != 2, "a panic of `work`, which `map` must not swallow");
        item
    };
    let result = catch_unwind(AssertUnwindSafe(|| map(vec![1, 2, 3], work)));
    assert!(result.is_err(), "`work` has panicked, and `map` has not");
}

/// Nothing to do.
pub fn no_items() {
    let results: Vec<u32> = map(Vec::new(), |item: u32| item);
    assert!(
        results.is_empty(),
        "there are no items, and these results: {results:?}"
    );
}
