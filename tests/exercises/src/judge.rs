//! Verdicts.

use std::error::Error;
use std::fmt;
use std::path::Path;

use proofs::own::{Files, Folder, Libraries, Refused};

use crate::{Exercise, Judge, orders, real};

/// What is said of a submission. `docs/verdicts.md` explains each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is right.
    Holds,
    /// It does not compile; rustc has said why.
    DoesNotCompile,
    /// Something is missing in it.
    Lacks(String),
    /// It uses something that the search does not know.
    NotModelled(String),
    /// A program ends in a way that it must not.
    Breaks(String),
    /// What must be possible never happens.
    TooStrict(String),
    /// There is only one schedule.
    NothingConcurrent,
    /// The time was up before all schedules were run.
    NotComplete(String),
    /// A prediction lacks an output, or has one that is never printed.
    WrongPrediction(String),
    /// A schedule does not lead to the end that was asked for.
    EndsElsewhere(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds => f.write_str("holds"),
            Self::DoesNotCompile => f.write_str("does not compile: see above"),
            Self::Lacks(what) => write!(f, "lacks something: {what}"),
            Self::NotModelled(what) => write!(f, "cannot be searched: {what}"),
            Self::Breaks(what) => write!(f, "breaks: {what}"),
            Self::TooStrict(what) => write!(f, "too strict: {what}"),
            Self::NothingConcurrent => {
                f.write_str("nothing is concurrent: there is one schedule only")
            }
            Self::NotComplete(what) => write!(f, "not complete: {what}"),
            Self::WrongPrediction(what) => write!(f, "wrong prediction: {what}"),
            Self::EndsElsewhere(what) => write!(f, "ends elsewhere: {what}"),
        }
    }
}

/// A verdict, and what led to it.
#[derive(Debug)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// For the reader: the schedule that breaks it, or what was tried.
    pub evidence: String,
}

/// Judges the file at `path`, which the reader knows as `shown`.
///
/// # Errors
///
/// In one line: what cannot be read, or started.
pub fn judge(
    exercise: &Exercise,
    path: &Path,
    shown: &str,
    libraries: &Libraries,
) -> Result<Judged, Box<dyn Error>> {
    let folder = Folder::new(libraries.get("own")?)?;
    let files = Files::of_check(
        &exercise.file("check.rs"),
        "check.rs",
        (path.to_owned(), shown.to_owned()),
    )?;
    let judged = match exercise.task.judge {
        Judge::Orders => orders::judge(exercise, &files, &folder, libraries),
        Judge::Processes | Judge::Clock => real::judge(exercise, &files, &folder, libraries),
    };
    let verdict = match judged {
        Ok(judged) => return Ok(judged),
        Err(error) => match error.downcast::<Refused>().map(|refused| *refused) {
            Ok(Refused::Broken) => Verdict::DoesNotCompile,
            Ok(Refused::Missing(line)) => Verdict::Lacks(line),
            Ok(Refused::NotModelled(line)) => Verdict::NotModelled(line),
            Err(error) => return Err(error),
        },
    };
    Ok(Judged {
        verdict,
        evidence: String::new(),
    })
}
