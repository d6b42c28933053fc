//! Forked children, killed before, while and after they answer.

use std::io;

use nix::sys::signal::Signal;
use rand::{RngExt, rngs::SmallRng};

use super::{bytes, kill_child, pause};
use crate::pieces::children::{Child, Failure};
use crate::tally::{Count, Outcome, Tally};

pub fn round(dice: &mut SmallRng, tally: &mut Tally) -> io::Result<()> {
    for _ in 0..6 {
        let mut jobs = Vec::new();
        for number in 0..6 {
            // Most answers are longer than a pipe takes at once.
            let (panics, length) = (dice.random_ratio(1, 6), dice.random_range(0..200_000));
            let job = move || {
                assert!(!panics, "child {number}");
                bytes(number, length)
            };
            jobs.push((Child::start(job)?, number, panics, length));
        }
        let dropped = dice.random_range(0..jobs.len());
        for (place, (child, number, panics, length)) in jobs.into_iter().enumerate() {
            pause(dice, 2000);
            if place == dropped {
                tally[Count::Faults] += 1; // Nobody asks for its answer: it is killed.
                continue;
            }
            let killed = dice.random() && kill_child(child.id().as_raw() as u32);
            tally[Count::Faults] += u64::from(killed);
            tally.job(match child.answer() {
                Ok(answer) if !panics && answer == bytes(number, length) => Outcome::Right,
                Err(Failure::Panicked { message, .. })
                    if panics && message == format!("child {number}") =>
                {
                    Outcome::Right
                }
                Err(Failure::Killed(Signal::SIGKILL)) if killed => Outcome::Told,
                other => Outcome::Wrong(format!("child {number}: {other:?}")),
            });
        }
    }
    Ok(())
}
