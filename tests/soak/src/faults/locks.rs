//! Holders of a lock in shared memory, killed at random moments.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use rand::rngs::SmallRng;

use super::pause;
use crate::pieces::forks::Children;
use crate::pieces::shared::{HolderDied, Shared, SharedGuard, SharedMutex};
use crate::tally::{Count, Outcome, Tally};

/// A total and what it is the total of.
type Books = (u64, [u64; 3]);

const SALES: u64 = 200;

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let books = SharedMutex::new(Books::default())?;
    let repairs = Shared::new(AtomicU64::new(0))?;
    for round in 1..=20 {
        let mut children = Children::default();
        children.start("victim", || {
            loop {
                sell(&books, 0, &repairs);
            }
        })?;
        for till in [1, 2] {
            let (books, repairs) = (&books, &repairs);
            let sell = move || (0..SALES).for_each(|_| sell(books, till, repairs));
            children.start(format!("till {till}"), sell)?;
        }
        pause(dice, 1500);
        children.kill("victim");
        tally[Count::Faults] += 1;
        children.wait_until_left(0)?;

        let books = books.lock().unwrap_or_else(|died| repaired(died, &repairs));
        let (total, [victim, others @ ..]) = *books;
        for sold in others {
            (sold..round * SALES).for_each(|_| tally.job(Outcome::Lost));
            (0..SALES).for_each(|_| tally.job(Outcome::Right));
        }
        if others.iter().any(|sold| *sold > round * SALES)
            || total != victim + others[0] + others[1]
        {
            tally.job(Outcome::Wrong(format!(
                "the books after {round} kills: {:?}",
                *books
            )));
        }
    }
    // Who was told that a holder died, and saw to the books.
    tally[Count::Told] += repairs.load(SeqCst);
    Ok(())
}

/// Two changes, with a moment between them.
fn sell(books: &SharedMutex<Books>, till: usize, repairs: &AtomicU64) {
    let mut books = books.lock().unwrap_or_else(|died| repaired(died, repairs));
    books.1[till] += 1;
    (0..300).for_each(|_| std::hint::spin_loop());
    books.0 += 1;
}

fn repaired<'a>(died: HolderDied<'a, Books>, repairs: &AtomicU64) -> SharedGuard<'a, Books> {
    let mut books = died.into_guard();
    books.0 = books.1.iter().sum();
    repairs.fetch_add(1, SeqCst);
    books
}
