//! Verdicts.

use std::error::Error;
use std::path::Path;
use std::{fmt, fs};

use proofs::own::{Files, Folder, Libraries, Memory, Refused};

use crate::weaker::{Weaker, weaker};
use crate::{Exercise, Goal, Judge, orders, real};

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
    /// It takes longer, or does more, than a right solution.
    TooSlow(String),
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
            Self::TooSlow(what) => write!(f, "too slow: {what}"),
            Self::NothingConcurrent => {
                f.write_str("nothing is concurrent: there is one schedule only")
            }
            Self::NotComplete(what) => write!(f, "not complete: {what}"),
            Self::WrongPrediction(what) => write!(f, "wrong prediction: {what}"),
            Self::EndsElsewhere(what) => write!(f, "ends elsewhere: {what}"),
        }
    }
}

impl Verdict {
    /// The verdict if a line that must be possible is never printed. See [`Task::must`].
    pub(crate) fn on_missing(what: &str) -> Self {
        match what.strip_prefix("too slow: ") {
            Some(what) => Self::TooSlow(what.to_owned()),
            None => Self::TooStrict(what.to_owned()),
        }
    }

    /// What the reader does next. `docs/verdicts.md` says more.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Holds => "Read how our solution differs from yours.",
            Self::DoesNotCompile => "Read the first error of the compiler: it names the line.",
            Self::Lacks(_) => {
                "Keep the names, arguments and types of the public items that the start has."
            }
            Self::NotModelled(_) => "Write it with what `docs/proofs.md` lists.",
            Self::Breaks(what) if what.contains("not yet implemented") => {
                "Write what is still `todo!()`."
            }
            Self::Breaks(what) => {
                // Behind the name of the program.
                let end = what.split_once(' ').map_or("", |(_, end)| end);
                let known = ENDS.iter().find(|(begin, _)| end.starts_with(begin));
                known.map_or("Find the step that leads to this end.", |(_, advice)| {
                    advice
                })
            }
            Self::TooStrict(what) if what.ends_with(AS_WELL) => {
                "Ask what has to be seen before what: where nothing has to, the ordering can be weaker."
            }
            Self::TooStrict(_) => {
                "Find what your file refuses, or keeps apart, longer than it has to: by one lock for all, a wait, a check."
            }
            Self::TooSlow(_) => {
                "Find the wait, or the work, that is not needed or could go on beside another."
            }
            Self::NothingConcurrent => {
                "Start all threads that the task asks for before you join the first one."
            }
            Self::NotComplete(_) => {
                "Wait by a lock or a `Condvar` where your file asks again and again."
            }
            Self::WrongPrediction(what) if what.starts_with("no schedule") => {
                "Follow the steps of each thread, and of `main`: which of these lines cannot come in that order?"
            }
            Self::WrongPrediction(_) => "Follow the table: it is an order that you left out.",
            Self::EndsElsewhere(_) => {
                "Find the first step in the table at which the other thread has to go on, and change that digit."
            }
        }
    }
}

/// Of a verdict on an ordering that is stronger than it has to be.
const AS_WELL: &str = " it holds as well";

/// How the words on a bad end begin, and what to do about it.
const ENDS: &[(&str, &str)] = &[
    (
        "panics",
        "Read the line that panics: what does it expect? Then find the step before it that went wrong.",
    ),
    (
        "ends in a deadlock",
        "Read the last line of the schedule: which thread could end each wait, and why does it not?",
    ),
    (
        "spins",
        "Find the loop that goes round. Wait there, by a lock, a `Condvar` or `join`, instead of asking again.",
    ),
    (
        "hangs",
        "Find the wait that nothing ends: for a process that lives on, or for a task that is not woken.",
    ),
    (
        "leaves",
        "Find the way out of your function that does not `wait` for the process.",
    ),
];

/// What `assert_eq!` says, in fewer words: what is there, and what is not.
fn shorter(line: &str) -> String {
    match line.split_once("assertion `left == right` failed: ") {
        Some((before, said)) => {
            let said = said.replacen(";  left: ", ": ", 1);
            before.to_owned() + &said.replacen("; right: ", ", and not ", 1)
        }
        None => line.to_owned(),
    }
}

/// `1 thread`, `2 threads`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A verdict, and what led to it.
#[derive(Debug)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// For the reader: the schedule that breaks it, or what was tried.
    pub evidence: String,
}

/// The programs of an exercise, with this submission.
fn files(exercise: &Exercise, path: &Path, shown: &str) -> Result<Files, Box<dyn Error>> {
    let yours = (path.to_owned(), shown.to_owned());
    Files::of_check(&exercise.file("check.rs"), "check.rs", yours)
}

/// Whether what holds would hold with a weaker ordering as well: each is tried.
fn weakest(
    exercise: &Exercise,
    path: &Path,
    shown: &str,
    libraries: &Libraries,
    memory: Option<Memory>,
    mut judged: Judged,
) -> Result<Judged, Box<dyn Error>> {
    let all = match weaker(&fs::read_to_string(path)?) {
        Ok(all) => all,
        Err(line) => {
            let what = format!("{shown}:{line}: write each ordering by its own name");
            return Err(Refused::NotModelled(what).into());
        }
    };
    let tried = match all.is_empty() {
        true => "It names no ordering that could be weaker.\n",
        false => "No ordering can be weaker: each was tried.\n",
    };
    for Weaker {
        line,
        place: (place, of),
        ordering,
        text,
    } in all
    {
        let folder = Folder::new(libraries.get("own")?)?;
        let file = folder.0.join("weaker.rs");
        fs::write(&file, text)?;
        let files = files(exercise, &file, shown)?;
        let weaker = orders::judge(exercise, &files, &folder, libraries, memory)?;
        if matches!(weaker.verdict, Verdict::Holds) {
            let which = match of {
                1 => String::new(),
                _ => format!(", ordering {place} of {of}"),
            };
            let what = format!("line {line}{which}: with `{ordering}`{AS_WELL}");
            judged.verdict = Verdict::TooStrict(what);
            return Ok(judged);
        }
    }
    judged.evidence += tried;
    Ok(judged)
}

/// Judges the file at `path`, which the reader knows as `shown`. `memory` is as for `just prove`, of
/// exercises that are judged by all orders.
///
/// # Errors
///
/// In one line: what cannot be read, or started.
pub fn judge(
    exercise: &Exercise,
    path: &Path,
    shown: &str,
    libraries: &Libraries,
    memory: Option<Memory>,
) -> Result<Judged, Box<dyn Error>> {
    let folder = Folder::new(libraries.get("own")?)?;
    let files = files(exercise, path, shown)?;
    let judged = match exercise.task.judge {
        Judge::Orders => {
            let judged = orders::judge(exercise, &files, &folder, libraries, memory);
            judged.and_then(|judged| match (exercise.task.goal, &judged.verdict) {
                (Goal::Weakest, Verdict::Holds) => {
                    weakest(exercise, path, shown, libraries, memory, judged)
                }
                _ => Ok(judged),
            })
        }
        Judge::Processes | Judge::Clock => real::judge(exercise, &files, &folder, libraries),
    };
    let verdict = match judged {
        Ok(judged) => {
            return Ok(Judged {
                verdict: match judged.verdict {
                    Verdict::Breaks(what) => Verdict::Breaks(shorter(&what)),
                    verdict => verdict,
                },
                evidence: judged
                    .evidence
                    .lines()
                    .map(|line| shorter(line) + "\n")
                    .collect(),
            });
        }
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
