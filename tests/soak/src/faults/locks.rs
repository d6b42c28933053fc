//! Holders of a lock in shared memory, killed at random moments.

use std::io;

use rand::rngs::SmallRng;

use super::pause;
use crate::pieces::forks::Children;
use crate::pieces::shared::SharedMutex;
use crate::tally::{Count, Outcome, Tally};

/// A total, what it is the total of, and how often it was repaired.
type Books = (u64, [u64; 3], u64);

const SALES: u64 = 200;

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    let books = SharedMutex::new(Books::default(), add_up)?;
    for round in 1..=20 {
        let mut children = Children::default();
        children.start("victim", || {
            loop {
                sell(&books, 0);
            }
        })?;
        for till in [1, 2] {
            let sell = || (0..SALES).for_each(|_| sell(&books, till));
            children.start(format!("till {till}"), sell)?;
        }
        pause(dice, 1500);
        children.kill("victim");
        tally[Count::Faults] += 1;
        children.wait_until_left(0)?;

        let (total, [victim, others @ ..], _) = books.with(|books| *books);
        for sold in others {
            (sold..round * SALES).for_each(|_| tally.job(Outcome::Lost));
            (0..SALES).for_each(|_| tally.job(Outcome::Right));
        }
        if others.iter().any(|sold| *sold > round * SALES)
            || total != victim + others[0] + others[1]
        {
            tally.job(Outcome::Wrong(format!(
                "the books after {round} kills: total {total}, tills {:?}",
                [victim, others[0], others[1]]
            )));
        }
    }
    // Who was told that a holder died, and saw to the books.
    tally[Count::Told] += books.with(|(_, _, repairs)| *repairs);
    Ok(())
}

/// Two changes, with a moment between them.
fn sell(books: &SharedMutex<Books>, till: usize) {
    books.with(|(total, tills, _)| {
        tills[till] += 1;
        (0..300).for_each(|_| std::hint::spin_loop());
        *total += 1;
    });
}

fn add_up((total, tills, repairs): &mut Books) {
    *total = tills.iter().sum();
    *repairs += 1;
}
