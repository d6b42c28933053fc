//! What is counted, and how it is shown.

use std::fmt::{self, Display};
use std::ops::{AddAssign, Index, IndexMut};

use Count::*;

/// What there is to count. From [`Lost`] on, all must be zero at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Rounds,
    /// Kills, garbage, connections that were dropped: each counts when it was dealt.
    Faults,
    /// Jobs, messages, pages: whatever somebody waits for.
    Jobs,
    /// Jobs whose caller was told that there will be no answer, and why.
    Told,
    /// Jobs whose caller got neither an answer nor an error.
    Lost,
    /// Answers that are not the job's, and errors that the fault does not explain.
    Wrong,
    /// Rounds that did not end.
    Hangs,
    /// Rounds that ended without an account of themselves: a panic, for one.
    Crashes,
    /// Left behind and running.
    Processes,
    Zombies,
    Descriptors,
    Files,
}

/// Their names. The table has a column for each up to `crashes`; the others are what was left.
const NAMES: [&str; 12] = [
    "rounds",
    "faults",
    "jobs",
    "told",
    "lost",
    "wrong",
    "hangs",
    "crashes",
    "processes",
    "zombies",
    "descriptors",
    "files",
];
const COLUMNS: usize = Processes as usize;

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
pub struct Tally([u64; NAMES.len()]);

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

    /// The numbers that [`Display`] wrote, if they are whole.
    pub fn parse(text: &str) -> Option<Self> {
        let numbers = text.split(' ').map(|number| number.trim_end().parse().ok());
        let numbers: Vec<u64> = numbers.collect::<Option<_>>()?;
        text.ends_with('\n')
            .then_some(Self(numbers.try_into().ok()?))
    }

    /// What must be zero and is not, in words.
    pub fn complaints(&self) -> String {
        let counts = NAMES.iter().zip(self.0).skip(Lost as usize);
        let bad = counts.filter(|(_, count)| *count > 0);
        let words: Vec<_> = bad.map(|(name, count)| format!("{name} {count}")).collect();
        words.join(", ")
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

/// All the numbers in one line.
impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.0.map(|count| count.to_string()).join(" "))
    }
}

/// A row for each kind of fault and one for the sum, and a line of what was left behind.
pub fn table(rows: &[(&str, Tally)]) -> String {
    let mut sum = Tally::default();
    rows.iter().for_each(|(_, tally)| sum += *tally);
    let row = |name: &str, cells: [String; NAMES.len()]| {
        let cells = cells[..COLUMNS].iter().map(|cell| format!("{cell:>9}"));
        format!("{name:12}{}\n", cells.collect::<String>())
    };
    let mut table = row("", NAMES.map(String::from));
    for (name, tally) in rows.iter().chain([&("all", sum)]) {
        table += &row(name, tally.0.map(|count| count.to_string()));
    }
    let left = NAMES.iter().zip(sum.0).skip(COLUMNS);
    let left: Vec<_> = left
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    table + &format!("left behind: {}\n", left.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_to_a_job_is_counted() {
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
    fn whatever_must_be_zero_shows_when_it_is_not() {
        for (place, name) in NAMES.iter().enumerate() {
            let mut tally = Tally::default();
            tally.0[place] = 7;
            assert_eq!(tally.is_clean(), place < Lost as usize, "{name}");
            let complaint = if tally.is_clean() {
                ""
            } else {
                &format!("{name} 7")
            };
            assert_eq!(tally.complaints(), complaint);
            assert_eq!(Tally::parse(&tally.to_string()), Some(tally));
            let shown = table(&[("some", tally), ("others", tally)]);
            assert!(shown.contains("14"), "{shown}");
        }
        assert_eq!(Tally::parse(""), None);
        assert_eq!(Tally::parse("1 2 3\n"), None);
    }
}
