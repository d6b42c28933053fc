//! The judge that runs the programs in every order.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

use proofs::own::{Compiled, Files, Folder, Order, compile};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{Exercise, Goal, Judged, Verdict};

/// After so many seconds the search of a program stops.
const BUDGET: u64 = 60;

/// The program that prints `OUTPUTS` or `SCHEDULE` of the submission.
const ANSWER: &str = "answer";

/// What a search has found: see `own::report::Searched`.
#[derive(Debug, Deserialize)]
struct Searched {
    schedules: u64,
    complete: bool,
    threads: usize,
    steps: usize,
    ends: Vec<End>,
    shortest: Vec<Shortest>,
}

#[derive(Debug, Deserialize)]
struct End {
    bad: bool,
    what: String,
    printed: String,
    count: u64,
    schedule: String,
}

#[derive(Debug, Deserialize)]
struct Shortest {
    bad: bool,
    kind: String,
    table: String,
}

/// One schedule: see `own::report::Shown`.
#[derive(Debug, Deserialize)]
struct Shown {
    what: String,
    printed: String,
    table: String,
}

struct Run<'a> {
    compiled: Compiled,
    files: &'a Files,
}

/// Judges a submission.
///
/// # Errors
///
/// If it cannot be compiled, read or run.
pub fn judge(
    exercise: &Exercise,
    files: &Files,
    folder: &Folder,
    own: &Path,
) -> Result<Judged, Box<dyn Error>> {
    let compiled = compile(files, folder, own, &[])?;
    let run = Run { compiled, files };
    match exercise.task.goal {
        Goal::Predict => predicted(&run),
        Goal::Reach => reached(exercise, &run),
        Goal::Repair | Goal::Faster | Goal::Write => programs(exercise, &run),
    }
}

impl Run<'_> {
    fn order<T: DeserializeOwned>(
        &self,
        program: &str,
        schedule: Option<&str>,
    ) -> Result<T, Box<dyn Error>> {
        let order = Order {
            program: Some(program),
            names: &self.compiled.names,
            shown: &self.files.shown,
            budget: BUDGET,
            all: false,
            schedule,
        };
        let output = self.compiled.run(&order)?.output()?;
        let answer = String::from_utf8_lossy(&output.stdout);
        toml::from_str(&answer).map_err(|_| {
            let why = String::from_utf8_lossy(&output.stderr);
            let (why, status) = (why.trim().lines().next().unwrap_or(""), output.status);
            format!("the search of {program} has no answer ({status}): {why}").into()
        })
    }

    fn search(&self, program: &str) -> Result<Searched, Box<dyn Error>> {
        self.order(program, None)
    }

    /// The lines that [`ANSWER`] prints.
    fn answer(&self) -> Result<Vec<String>, Box<dyn Error>> {
        let searched = self.search(ANSWER)?;
        let printed = searched.ends.into_iter().map(|end| end.printed).next();
        let printed = printed.unwrap_or_default();
        Ok(printed.lines().map(str::to_owned).collect())
    }

    /// The programs that are searched.
    fn programs(&self) -> impl Iterator<Item = &str> {
        let programs = self.files.programs.iter().map(String::as_str);
        programs.filter(|name| *name != ANSWER)
    }
}

/// What was printed, in one line as it stands in a report, with `deadlock` or `panics` behind it
/// if the program ends so.
fn output(printed: &str, end: &str) -> String {
    let ends = ["deadlock", "panics"]
        .into_iter()
        .filter(|word| end.contains(word));
    let lines: Vec<_> = printed.lines().chain(ends.take(1)).collect();
    lines.join(" | ")
}

impl End {
    fn output(&self) -> String {
        output(&self.printed, &self.what)
    }
}

fn programs(exercise: &Exercise, run: &Run<'_>) -> Result<Judged, Box<dyn Error>> {
    let mut seen = BTreeSet::new();
    let mut evidence = String::new();
    let mut most = 0;
    for program in run.programs() {
        let searched = run.search(program)?;
        let size = format!("{} threads x {} steps", searched.threads, searched.steps);
        let all = searched.schedules;
        if let Some(shortest) = searched.shortest.iter().find(|it| it.bad) {
            let bad = searched.ends.iter().filter(|end| end.bad);
            let bad: u64 = bad.map(|end| end.count).sum();
            return Ok(Judged {
                verdict: Verdict::Breaks(format!("{program} {}", shortest.kind)),
                evidence: format!(
                    "{program}: {size}; {bad} of {all} schedules end badly. The shortest:\n\n{}",
                    shortest.table
                ),
            });
        }
        if let Some(long) = searched.shortest.first() {
            return Ok(Judged {
                verdict: Verdict::NotComplete(format!("{program} {}", long.kind)),
                evidence: format!("{program}: {size}\n\n{}", long.table),
            });
        }
        if !searched.complete {
            return Ok(Judged {
                verdict: Verdict::NotComplete(format!("{program} has too many schedules")),
                evidence: format!("{program}: {size}; {all} schedules in {BUDGET} s\n"),
            });
        }
        evidence += &format!("{program}: {size}; all {all} schedules end well\n");
        most = most.max(all);
        for end in &searched.ends {
            seen.extend(end.printed.lines().map(str::to_owned));
        }
    }
    let missing = exercise.task.missing(&seen);
    let verdict = match missing {
        _ if most < 2 => Verdict::NothingConcurrent,
        Some((line, what)) => {
            evidence += &format!("no schedule prints \"{line}\"\n");
            Verdict::TooStrict(what.clone())
        }
        None => Verdict::Holds,
    };
    Ok(Judged { verdict, evidence })
}

fn predicted(run: &Run<'_>) -> Result<Judged, Box<dyn Error>> {
    let expected: BTreeSet<_> = run.answer()?.into_iter().collect();
    let program = run.programs().next().ok_or("check.rs has no program")?;
    let searched = run.search(program)?;
    let outputs: BTreeSet<_> = searched.ends.iter().map(End::output).collect();
    if let Some(never) = expected.difference(&outputs).next() {
        return Ok(Judged {
            verdict: Verdict::WrongPrediction(format!("no schedule prints \"{never}\"")),
            evidence: format!("{} schedules were run\n", searched.schedules),
        });
    }
    let missed = searched
        .ends
        .iter()
        .find(|end| !expected.contains(&end.output()));
    Ok(match missed {
        Some(end) => {
            let shown: Shown = run.order(program, Some(&end.schedule))?;
            let count = outputs.difference(&expected).count();
            Judged {
                verdict: Verdict::WrongPrediction(match count {
                    1 => "an output is not in OUTPUTS".into(),
                    _ => format!("{count} outputs are not in OUTPUTS"),
                }),
                evidence: format!("A schedule that prints one of them:\n\n{}", shown.table),
            }
        }
        None => Judged {
            verdict: Verdict::Holds,
            evidence: format!(
                "{} schedules print these {}, and nothing else\n",
                searched.schedules,
                outputs.len()
            ),
        },
    })
}

fn reached(exercise: &Exercise, run: &Run<'_>) -> Result<Judged, Box<dyn Error>> {
    let goal = exercise
        .task
        .reach
        .as_deref()
        .ok_or("no end is to be reached")?;
    let schedule = run.answer()?.concat();
    let program = run.programs().next().ok_or("check.rs has no program")?;
    let shown: Shown = run.order(program, Some(&schedule))?;
    let end = output(&shown.printed, &shown.what);
    Ok(Judged {
        verdict: match end.contains(goal) {
            true => Verdict::Holds,
            false => Verdict::EndsElsewhere(format!("this schedule leads to \"{end}\"")),
        },
        evidence: format!("Your schedule:\n\n{}", shown.table),
    })
}
