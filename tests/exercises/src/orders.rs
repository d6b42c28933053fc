//! The judge that runs the programs in every order.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;

use proofs::own::{Compiled, Files, Folder, Libraries, Memory, Order, compile, ended};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::judge::count;
use crate::{Exercise, Goal, Judged, Verdict};

/// After so many seconds the search of a program stops.
const BUDGET: u64 = 60;

/// A search that has found a bad end by then does not go on: there may be schedules without end.
const ENOUGH: u64 = 5;

/// The program that prints `OUTPUTS` or `SCHEDULE` of the submission.
const ANSWER: &str = "answer";

/// What a search has found: see `own::report::Searched`.
#[derive(Debug, Deserialize)]
struct Searched {
    unit: String,
    schedules: u64,
    complete: bool,
    waited: bool,
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
    memory: Option<Memory>,
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
    libraries: &Libraries,
    memory: Option<Memory>,
) -> Result<Judged, Box<dyn Error>> {
    let compiled = compile(files, folder, libraries, &[])?;
    let run = Run {
        compiled,
        files,
        memory,
    };
    let judged = match exercise.task.goal {
        Goal::Predict => predicted(&run),
        Goal::Reach => reached(exercise, &run),
        Goal::Repair | Goal::Faster | Goal::Write | Goal::Weakest => programs(exercise, &run),
    };
    judged.or_else(|error| {
        let Stopped(verdict) = *error.downcast::<Stopped>()?;
        let evidence = String::new();
        Ok(Judged { verdict, evidence })
    })
}

/// A search has no answer, and that is the verdict.
#[derive(Debug)]
struct Stopped(Verdict);

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Stopped {}

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
            enough: ENOUGH,
            all: false,
            schedule,
            memory: self.memory,
        };
        let output = self.compiled.run(&order)?.output()?;
        let answer = String::from_utf8_lossy(&output.stdout);
        toml::from_str(&answer).map_err(|_| {
            let why = String::from_utf8_lossy(&output.stderr);
            let why = format!("{program}: {}", why.lines().next().unwrap_or(""));
            match output.status.code() {
                Some(1) => Stopped(Verdict::Breaks(why)).into(),
                Some(3) => Stopped(Verdict::NotComplete(why)).into(),
                Some(_) => why.into(),
                None => format!("{program}: {}", ended(output.status)).into(),
            }
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

impl Searched {
    /// `1 schedule`, `2 executions`.
    fn count(&self) -> String {
        let unit = &self.unit;
        count(self.schedules, unit, &format!("{unit}s"))
    }
}

impl End {
    fn output(&self) -> String {
        output(&self.printed, &self.what)
    }
}

/// `3 threads x 4 steps`.
fn size(threads: usize, steps: usize, between: &str) -> String {
    let threads = count(threads as u64, "thread", "threads");
    threads + between + &count(steps as u64, "step", "steps")
}

fn programs(exercise: &Exercise, run: &Run<'_>) -> Result<Judged, Box<dyn Error>> {
    let mut seen = BTreeSet::new();
    let mut evidence = String::new();
    let (mut most, mut threads, mut steps) = (0, 0, 0);
    let (mut counted, mut waited) = (BTreeSet::new(), false);
    for program in run.programs() {
        let searched = run.search(program)?;
        let size = size(searched.threads, searched.steps, " x ");
        let (all, unit) = (searched.schedules, &searched.unit);
        if let Some(shortest) = searched.shortest.iter().find(|it| it.bad) {
            let size = match shortest.kind.starts_with("spins") {
                // The search has cut the loop.
                true => count(searched.threads as u64, "thread", "threads"),
                false => size,
            };
            let bad = searched.ends.iter().filter(|end| end.bad);
            let bad: u64 = bad.map(|end| end.count).sum();
            let end_badly = match (bad, all) {
                _ if !searched.complete => {
                    format!("{bad} of the {all} {unit}s that were run end badly. A short one")
                }
                (1, 1) => format!("its only {unit} ends badly. This is it"),
                _ if bad == all => format!("all {all} {unit}s end badly. The shortest"),
                (1, _) => format!("1 of {all} {unit}s ends badly. This is it"),
                _ => format!("{bad} of {all} {unit}s end badly. The shortest"),
            };
            return Ok(Judged {
                verdict: Verdict::Breaks(format!("{program} {}", shortest.kind)),
                evidence: format!("{program}: {size}; {end_badly}:\n\n{}", shortest.table),
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
                verdict: Verdict::NotComplete(format!("{program} has too many {unit}s")),
                evidence: format!(
                    "{program}: {size}; more than {all} {unit}s, and {BUDGET} s are over\n"
                ),
            });
        }
        evidence += &match all {
            1 => format!("{program}: {size}; its only {unit} ends well\n"),
            _ => format!("{program}: {size}; all {all} {unit}s end well\n"),
        };
        counted.insert(format!("{unit}s"));
        waited |= searched.waited;
        most = most.max(all);
        threads = threads.max(searched.threads);
        steps = steps.max(searched.steps);
        for end in &searched.ends {
            seen.extend(end.printed.lines().map(str::to_owned));
        }
    }
    let missing = exercise.task.missing(&seen);
    let verdict = match missing {
        _ if most < 2 => Verdict::NothingConcurrent,
        Some((line, what)) => {
            evidence += &format!("no schedule prints \"{line}\"\n");
            Verdict::on_missing(what)
        }
        None => {
            let counted = Vec::from_iter(counted).join(" and ");
            let but = match waited {
                true => " A loop that gives up after more than two equal looks would do so unseen.",
                false => "",
            };
            let size = size(threads, steps, ", and ");
            evidence += &format!(
                "A proof for these programs: all {counted} that can differ were run. \
                None has more than {size} of a thread.{but}\n"
            );
            Verdict::Holds
        }
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
            evidence: format!("{}: all that can differ\n", searched.count()),
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
                "{}, all that can differ: {}, and no other one\n",
                searched.count(),
                count(outputs.len() as u64, "output", "outputs")
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
            false => Verdict::EndsElsewhere(format!(
                "this schedule leads to \"{end}\", and not to \"{goal}\""
            )),
        },
        evidence: format!("Your schedule:\n\n{}", shown.table),
    })
}
