//! `just bench`: the lessons' mechanisms beside Python, and beside a baseline.
//!
//! Usage: just bench [NAME...] [--python PROGRAM]... [--docs]
//!        just bench --growth|--builds [--docs]
//!
//!   NAME              only the rows of this lesson: pool, queue, pipe, ...
//!   --python PROGRAM  one more Python, in a column of its own
//!   --growth          how the costs grow with the number of jobs, tasks, pages, ...
//!   --builds          how long the first build of each lesson takes
//!   --docs            put what is measured into docs/measured.md as well
//!
//! Every side of a comparison is a process of its own. They take turns, round by round. A ratio is
//! formed in each round, and the median of these ratios decides. A round counts if the machine had
//! the cores for it; if it never has, the row says so, and is neither met nor missed. The Python
//! is the one that PYTHON names, or the fastest of this machine. The table is printed and written
//! to target/bench as results.md and results.json.

mod builds;
mod cores;
mod growth;
mod measure;
mod pieces;
mod python;
mod report;
mod rows;
mod sides;
mod verdict;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use lexopt::prelude::*;

fn main() -> ExitCode {
    sides::work_if_started_by_a_piece();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let error: &dyn Error = &*error;
            if let Some(error) = error.downcast_ref::<io::Error>()
                && error.kind() == io::ErrorKind::BrokenPipe
            {
                return ExitCode::SUCCESS;
            }
            // If not even this can be written, the status has to do.
            let _ = writeln!(io::stderr(), "just bench: {error}");
            ExitCode::from(if error.is::<lexopt::Error>() { 2 } else { 1 })
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let (mut names, mut more) = (Vec::new(), Vec::new());
    let (mut growth, mut builds, mut docs) = (false, false, false);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            // A side, in its own process.
            Long("side") => return sides::run(&arguments.value()?.string()?),
            Long("python") => more.push(arguments.value()?),
            Long("growth") => growth = true,
            Long("builds") => builds = true,
            Long("docs") => docs = true,
            Short('h') | Long("help") => return help(),
            Value(name) => names.push(name.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let known = rows::groups();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        let (unknown, known) = (unknown.escape_debug(), known.join(", "));
        return Err(lexopt::Error::from(format!(
            "nothing to measure for '{unknown}', but for: {known}"
        ))
        .into());
    }
    let cases = rows::CASES;
    let wanted =
        |case: &&rows::Case| names.is_empty() || names.iter().any(|name| name == case.group);
    let cases: Vec<_> = cases.iter().filter(wanted).collect();
    if builds {
        return builds::run(docs);
    }
    let pythons = python::pythons(&more)?;
    if growth {
        return growth::run(&pythons[0], docs);
    }
    let results = measure::all(&cases, &pythons)?;
    report::write(&measure::machine(&pythons), &results, docs)
}

fn help() -> Result<(), Box<dyn Error>> {
    let lines = include_str!("main.rs").lines();
    for line in lines.map_while(|line| line.strip_prefix("//!")) {
        writeln!(io::stdout(), "{}", line.strip_prefix(' ').unwrap_or(line))?;
    }
    Ok(())
}
