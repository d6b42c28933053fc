//! Which of six numbers are prime, asked here and of a pool.

use std::error::Error;
use std::time::{Duration, Instant};

use timing::{Lesson, say, step};

use crate::drawing::{Asked, Timed, draw, timed};
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
    timed(number, || match number {
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
    let ask = |way, ask: &dyn Fn() -> Verdicts| -> Result<(Asked<bool>, Duration), JobError> {
        let _span = lesson.lane("here").waiting("");
        let since = Instant::now();
        let (verdicts, took) = step(way, ask);
        Ok(((since, verdicts?), took))
    };
    let since = Instant::now();
    let (here, one_by_one) = step("here, one by one", || Vec::from(NUMBERS.map(is_prime)));
    let (completed, _) = ask("workers, as they complete", &|| as_completed(&pool))?;
    let (submitted, _) = ask("workers, submitted one by one", &|| {
        let handles = NUMBERS.map(|number| pool.apply_async(number));
        handles.into_iter().map(Handle::wait).collect()
    })?;
    let (mapped, together) = ask("workers, map", &|| pool.map(NUMBERS).collect())?;
    let ways = [(since, here), completed, submitted, mapped];
    draw(lesson, &ways);
    let counts = ways.map(|(_, way)| way.iter().filter(|verdict| verdict.answer).count());
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
