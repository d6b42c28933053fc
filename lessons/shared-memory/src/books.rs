//! Books that several tills keep: two numbers that must agree, so both change under one lock.

use crate::shared::SharedMutex;

/// The total, what each till has taken, and how often the total had to be repaired. Atomics
/// could hold each of them, but between two changes they would disagree.
pub type Books = (i64, [i64; 3], u32);

/// Two changes under the lock, and `between` between them.
pub fn sell(books: &SharedMutex<Books>, till: usize, amount: i64, between: impl FnOnce()) {
    books.with(|(total, tills, _)| {
        tills[till] += amount;
        between();
        *total += amount;
    });
}

/// Repairs the books after the death of a till. What it had taken is one number, so it is the
/// old one or the new one. Only the total may be wrong.
pub fn add_up((total, tills, repairs): &mut Books) {
    *total = tills.iter().sum();
    *repairs += 1;
}

pub fn in_words(books: &SharedMutex<Books>) -> String {
    let (total, tills, repairs) = books.with(|books| *books);
    format!("total {total}, tills {tills:?}, repairs {repairs}")
}
