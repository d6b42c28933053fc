//! `just prove`: every schedule of the lessons' own files is run.
//!
//! Usage: just prove [LESSON | --graphs FOLDER] [--memory sc|rust]
//!        just prove PATH.rs [--seconds N] [--all] [--schedule TURNS] [--memory sc|rust]
//!
//!   LESSON           only this lesson, with a shortest schedule that breaks its broken file
//!   --graphs FOLDER  write the states of the programs of `just play` there, as JSON
//!
//!   PATH.rs           your own program, or - for standard input: all outputs that it can print,
//!                     and the shortest schedule found for each bad end, by line. The status is
//!                     0 without a bad end, 1 with one, 2 if it cannot be searched, 3 if the time
//!                     was up first
//!   --seconds N       search at most so long; 60 unless set
//!   --all             also schedules that cannot end otherwise (see * below)
//!   --schedule TURNS  run this schedule only, and show its steps
//!   --memory sc|rust  sc: all threads see each write at once. rust: an access reads what its
//!                     ordering allows, and what is counted is executions, in which each access
//!                     reads a certain write. Unless set: rust for what names an ordering weaker
//!                     than SeqCst or a fence, sc for the rest
//!
//! A schedule is an order in which the threads take their steps; a step is one operation
//! on something that they share. A line says whether the file holds or breaks (as it should,
//! if it is wrong on purpose), the threads and the steps of the busiest of them, the number
//! of schedules, and how they ended. Schedules marked with * do not count again what
//! differs only in the order of neighbouring steps that touch different things. Those marked with +
//! are executions: see --memory.

use std::collections::BTreeSet;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use lexopt::prelude::*;
use proofs::own::{self, Asked, Memory};
use proofs::proof::Proof;
use proofs::{manners, report};

fn main() -> ExitCode {
    match asked() {
        Ok(Some(What::File(asked))) => {
            own::prove(&asked).unwrap_or_else(|error| own::complain("just prove", &*error))
        }
        Ok(Some(What::Graphs(folder))) => {
            manners::run("just prove", || write_graphs(Path::new(&folder)))
        }
        Ok(Some(What::Lessons(lesson, memory))) => {
            manners::run("just prove", || lessons(lesson, memory))
        }
        Ok(None) => manners::run("just prove", || manners::help(include_str!("prove.rs"))),
        Err(error) => own::complain("just prove", &error),
    }
}

/// What is to be done.
enum What {
    File(Asked),
    Graphs(OsString),
    Lessons(Option<String>, Option<Memory>),
}

/// The arguments, in any order; nothing if help is asked for.
fn asked() -> Result<Option<What>, lexopt::Error> {
    let (mut name, mut graphs) = (None, None);
    let (mut budget, mut all, mut schedule, mut memory) = (None, false, None, None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("graphs") => graphs = Some(arguments.value()?),
            Long("all") => all = true,
            Long("seconds") => budget = Some(arguments.value()?.parse()?),
            Long("memory") => memory = Some(arguments.value()?.parse()?),
            Long("schedule") => schedule = Some(arguments.value()?.string()?),
            Short('h') | Long("help") => return Ok(None),
            Value(value) if name.is_none() => name = Some(value),
            other => return Err(other.unexpected()),
        }
    }
    let of_file = all || budget.is_some() || schedule.is_some();
    Ok(Some(match (name, graphs) {
        (Some(path), None) if own::is_file(&path) => What::File(Asked {
            path,
            budget: budget.unwrap_or(60),
            all,
            schedule,
            memory,
        }),
        _ if of_file => {
            return Err("--all, --seconds and --schedule are for a file: PATH.rs".into());
        }
        (name, None) => What::Lessons(name.map(ValueExt::string).transpose()?, memory),
        (None, Some(folder)) if memory.is_none() => What::Graphs(folder),
        (None, Some(_)) => return Err("--graphs shows all writes at once".into()),
        (Some(_), Some(_)) => return Err("--graphs writes those of all lessons".into()),
    }))
}

fn lessons(lesson: Option<String>, memory: Option<Memory>) -> Result<(), Box<dyn Error>> {
    let mut proofs = proofs::proofs();
    if let Some(memory) = memory {
        let programs = proofs.iter_mut().flat_map(|proof| &mut proof.programs);
        programs.for_each(|program| {
            program.bounds.memory = memory.into();
            // Executions are counted, each of them once.
            program.bounds.reduce |= memory == Memory::Rust;
        });
    }
    let mut lessons: Vec<_> = proofs.iter().map(|proof| proof.lesson).collect();
    lessons.dedup();
    if let Some(only) = &lesson {
        if !lessons.contains(&only.as_str()) {
            let (only, lessons) = (only.escape_debug(), lessons.join(", "));
            let message = format!("there is no proof for '{only}'; the lessons are: {lessons}");
            return Err(lexopt::Error::from(message).into());
        }
        lessons.retain(|name| name == only);
    }

    let start = Instant::now();
    let (mut count, mut schedules, mut failures) = (0, 0, Vec::new());
    let mut counted = BTreeSet::new();
    let mut output = io::stdout().lock();
    for name in &lessons {
        let proofs: Vec<&Proof> = proofs
            .iter()
            .filter(|proof| proof.lesson == *name)
            .collect();
        let width = report::width(&proofs);
        writeln!(output, "{}", report::heading(name, width))?;
        for proof in proofs {
            let outcome = proof.check();
            writeln!(output, "{}", report::line(proof, &outcome, width))?;
            output.flush()?;
            count += 1;
            schedules += outcome.schedules;
            counted.insert(report::unit(proof, &outcome));
            failures.extend(
                outcome
                    .failure
                    .map(|why| format!("{}: {}: {why}", proof.file, proof.what)),
            );
        }
        writeln!(output)?;
    }
    if lesson.is_some() {
        for scene in proofs::scenes()
            .iter()
            .filter(|scene| scene.lesson == lessons[0])
        {
            writeln!(output, "{}", report::shortest(scene))?;
        }
    }
    let (schedules, took) = (report::thousands(schedules), start.elapsed().as_secs_f64());
    writeln!(
        output,
        "{count} proofs, {schedules} {} in {took:.1} s",
        Vec::from_iter(counted).join(" and ")
    )?;
    match failures.is_empty() {
        true => Ok(()),
        false => Err(failures.join("; ").into()),
    }
}

fn write_graphs(folder: &Path) -> Result<(), Box<dyn Error>> {
    let told = |error: io::Error| format!("cannot write to {}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(told)?;
    for scene in proofs::scenes() {
        let file = folder.join(format!("{}.json", scene.lesson));
        fs::write(&file, report::json(&scene)).map_err(told)?;
        writeln!(io::stdout(), "{}", file.display())?;
    }
    Ok(())
}
