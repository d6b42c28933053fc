//! Which of six numbers are prime, asked here and of a pool.

use std::error::Error;
use std::time::Duration;

use timing::{Lesson, say, step};

use crate::drawing::{Timed, draw, timed};
use crate::pool::{Function, Handle, JobError, Pool};

/// From the documentation of Python; all prime but the last.
const NUMBERS: [u64; 6] = [
    112272535095293,
    112582705942171,
    112272535095293,
    115280095190773,
    115797848077099,
    1099726899285419,
];

pub fn is_prime(number: u64) -> Timed<bool> {
    timed(|| match number {
        0..=2 => number == 2,
        _ if number.is_multiple_of(2) => false,
        _ => (3..=number.isqrt())
            .step_by(2)
            .all(|divisor| !number.is_multiple_of(divisor)),
    })
}

type Verdicts = Result<Vec<Timed<bool>>, JobError>;

/// The same six jobs here and on the workers, whose answers are taken in three ways.
/// Returns how many are prime by each way, and two of the times.
pub fn in_each_way(
    lesson: &Lesson,
    verdicts: &Function<u64, Timed<bool>>,
) -> Result<([usize; 4], [Duration; 2]), Box<dyn Error>> {
    let pool = Pool::new(Some(4), verdicts)?;
    let (here, one_by_one) = step("here, one by one", || Vec::from(NUMBERS.map(is_prime)));
    let (completed, _) = step("workers, as they complete", || as_completed(&pool));
    let (submitted, _) = step("workers, submitted one by one", || -> Verdicts {
        let handles = NUMBERS.map(|number| pool.apply_async(number));
        handles.into_iter().map(Handle::wait).collect()
    });
    let (mapped, together) = step("workers, map", || pool.map(NUMBERS).collect::<Verdicts>());
    let ways = [here, completed?, submitted?, mapped?];
    draw(lesson, ways.iter().flatten());
    let counts = ways.map(|way| way.iter().filter(|verdict| verdict.answer).count());
    Ok((counts, [one_by_one, together]))
}

fn as_completed(pool: &Pool<u64, Timed<bool>>) -> Verdicts {
    let mut verdicts = Vec::new();
    for (job, verdict) in pool.as_completed(NUMBERS) {
        let verdict = verdict?;
        let is = if verdict.answer { "is" } else { "is not" };
        say!("{} {is} prime", NUMBERS[job]);
        verdicts.push(verdict);
    }
    Ok(verdicts)
}
