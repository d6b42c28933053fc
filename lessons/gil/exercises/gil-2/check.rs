//! The judge of gil-2.

mod yours;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use yours::find;

/// It is not there.
pub fn not_there() {
    let found = find(&[1, 2], |number| number == 5);
    assert!(found.is_none(), "{found:?} was found, but it is not there");
}

/// One of them is.
fn there(wanted: u32) {
    let found = find(&[1, 2], |number| number == wanted);
    let right = found == Some(wanted);
    assert!(right, "{found:?} was found, but {wanted} is there");
}

/// In the first half.
pub fn in_the_first_half() {
    there(1);
}

/// In the second half.
pub fn in_the_second_half() {
    there(2);
}

/// Both halves have one.
pub fn two_there() {
    let found = find(&[1, 2], |_| true);
    assert!(found.is_some(), "nothing was found, but both are there");
}

/// How many numbers it looks at.
pub fn looks() {
    let looks = AtomicU32::new(0);
    find(&[1, 2, 3], |number| {
        looks.fetch_add(1, SeqCst);
        number == 1
    });
    if looks.load(SeqCst) < 3 {
        println!("stops early");
    }
}
