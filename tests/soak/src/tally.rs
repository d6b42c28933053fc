//! What is counted, and how it is shown.

use std::fmt::{self, Display};
use std::ops::{AddAssign, Index, IndexMut};

use Count::*;

/// What there is to count. From [`Lost`] on, all must be zero at the end.
#[derive(Clone, Copy)]
pub enum Count {
    Rounds,
    /// Those that were dealt: kills, garbage, connections dropped, shortages.
    Faults,
    /// Jobs, messages, pages: all that a caller waits for.
    Jobs,
    /// Errors instead of an answer, that say why.
    Told,
    /// Jobs whose caller got neither an answer nor an error.
    Lost,
    /// Answers that are not the job's, and errors that no fault explains.
    Wrong,
    /// Rounds that did not end.
    Hangs,
    /// Rounds that ended without an account of themselves, as after a panic.
    Crashes,
    /// From here on, what was left behind: processes that run, for one.
    Processes,
    Zombies,
    Descriptors,
    Files,
}

const NAMES: &str =
    "rounds faults jobs told lost wrong hangs crashes processes zombies descriptors files";

/// What became of a job.
#[derive(Debug)]
pub enum Outcome {
    Right,
    Told,
    Lost,
    /// With what came instead of the answer.
    Wrong(String),
}

/// How often each of them happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally([u64; 12]);

impl Tally {
    pub fn job(&mut self, outcome: Outcome) {
        self[Jobs] += 1;
        match outcome {
            Outcome::Right => {}
            Outcome::Told => self[Told] += 1,
            Outcome::Lost => self[Lost] += 1,
            Outcome::Wrong(what) => {
                self[Wrong] += 1;
                eprintln!("wrong: {what:.300}");
            }
        }
    }

    /// Whether all that must be zero is zero.
    pub fn is_clean(&self) -> bool {
        self.0[Lost as usize..].iter().all(|&count| count == 0)
    }

    /// What [`Display`] has written, if it is whole.
    pub fn parse(line: &str) -> Option<Self> {
        let numbers = line.strip_suffix('\n')?.split(' ');
        let numbers: Vec<_> = numbers.map_while(|number| number.parse().ok()).collect();
        numbers.try_into().ok().map(Self)
    }
}

/// All the numbers in one line.
impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.0.map(|count| count.to_string()).join(" "))
    }
}

impl Index<Count> for Tally {
    type Output = u64;

    fn index(&self, count: Count) -> &u64 {
        &self.0[count as usize]
    }
}

impl IndexMut<Count> for Tally {
    fn index_mut(&mut self, count: Count) -> &mut u64 {
        &mut self.0[count as usize]
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a += b);
    }
}

/// A row for each kind of fault and one for the sum, and a line of what was left behind.
pub fn table(rows: &[(&str, Tally)]) -> String {
    let mut sum = Tally::default();
    rows.iter().for_each(|(_, tally)| sum += *tally);
    let row = |name: &str, cells: &str| {
        let cells = cells.split_whitespace().take(Processes as usize);
        let cells: String = cells.map(|cell| format!("{cell:>9}")).collect();
        format!("{name:12}{cells}\n")
    };
    let mut table = row("", NAMES);
    for (name, tally) in rows.iter().chain([&("all", sum)]) {
        table += &row(name, &tally.to_string());
    }
    let left = NAMES.split(' ').zip(sum.0).skip(Processes as usize);
    let left: Vec<_> = left
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    table + "left behind: " + &left.join(", ") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_without_a_word_and_a_wrong_answer_are_counted() {
        let mut tally = Tally::default();
        tally.job(Outcome::Right);
        tally.job(Outcome::Told);
        assert!(tally.is_clean());
        for (bad, outcome) in [(Lost, Outcome::Lost), (Wrong, Outcome::Wrong("5".into()))] {
            let mut tally = tally;
            tally.job(outcome);
            assert_eq!((tally[Jobs], tally[Told], tally[bad]), (3, 1, 1));
            assert!(!tally.is_clean());
        }
    }

    #[test]
    fn whatever_is_not_zero_shows() {
        for place in 0..12 {
            let mut tally = Tally::default();
            tally.0[place] = 7;
            assert_eq!(tally.is_clean(), place < Lost as usize);
            assert_eq!(Tally::parse(&tally.to_string()), Some(tally));
            assert!(table(&[("some", tally), ("others", tally)]).contains(" 14"));
        }
        assert_eq!(Tally::parse(""), None);
        assert_eq!(Tally::parse("1 2 3\n"), None);
    }
}
