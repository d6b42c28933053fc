//! `just prove`: every schedule of the lessons' own files is run.
//!
//! Usage: just prove [LESSON] [--graphs FOLDER]
//!        just prove PATH.rs [--seconds N] [--all] [--schedule TURNS]
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
//!
//! A schedule is an order in which the threads take their steps; a step is one operation
//! on something that they share. A line says whether the file holds or breaks (as it should,
//! if it is wrong on purpose), the threads and the steps of the busiest of them, the number
//! of schedules, and how they ended. Schedules marked with * do not count again what
//! differs only in the order of neighbouring steps that touch different things.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use lexopt::prelude::*;
use proofs::own::{self, Asked};
use proofs::proof::Proof;
use proofs::{manners, report};

fn main() -> ExitCode {
    match own_program() {
        Ok(Some(asked)) => {
            own::prove(&asked).unwrap_or_else(|error| own::complain("just prove", &*error))
        }
        Ok(None) => lessons(),
        Err(error) => own::complain("just prove", &error),
    }
}

/// What is asked of a file, if the first argument is one.
fn own_program() -> Result<Option<Asked>, lexopt::Error> {
    let mut arguments = lexopt::Parser::from_env();
    let path = match arguments.next()? {
        Some(Value(path)) if path.to_str().is_none_or(own::is_file) => path,
        _ => return Ok(None),
    };
    let (mut budget, mut all, mut schedule) = (60, false, None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("all") => all = true,
            Long("seconds") => budget = arguments.value()?.parse()?,
            Long("schedule") => schedule = Some(arguments.value()?.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(Asked {
        path,
        budget,
        all,
        schedule,
    }))
}

fn lessons() -> ExitCode {
    manners::run("just prove", || {
        let (mut lesson, mut graphs) = (None, None);
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("graphs") => graphs = Some(arguments.value()?),
                Short('h') | Long("help") => return manners::help(include_str!("prove.rs")),
                Value(name) if lesson.is_none() => lesson = Some(name.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        if let Some(folder) = graphs {
            return write_graphs(Path::new(&folder));
        }
        let proofs = proofs::proofs();
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
            "{count} proofs, {schedules} schedules in {took:.1} s"
        )?;
        match failures.is_empty() {
            true => Ok(()),
            false => Err(failures.join("; ").into()),
        }
    })
}

fn write_graphs(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let told = |error: io::Error| format!("cannot write to {}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(told)?;
    for scene in proofs::scenes() {
        let file = folder.join(format!("{}.json", scene.lesson));
        fs::write(&file, report::json(&scene)).map_err(told)?;
        writeln!(io::stdout(), "{}", file.display())?;
    }
    Ok(())
}
