//! `just compare`: lessons and their Python versions, act by act.
//!
//! Usage: just compare [LESSON...]
//!
//! Without a lesson, all of them. The Python is the one that PYTHON names, or the one in
//! target/python, or `python3`. LESSON_SPEED=20 makes the waits of both twenty times shorter.
//! Where both record what their threads do, each act has the timelines of both, in one scale.
//! In a window of at least 163 columns, or if COLUMNS says so, the two stand side by side.

mod charts;
mod layout;
mod output;
mod python;

use std::env;
use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::iter;
use std::process::{Command, ExitCode};

use across::{lessons, root};
use charts::Trace;
use layout::Comparison;
use output::Output;
use python::Python;

fn main() -> ExitCode {
    let arguments = env::args_os().skip(1);
    let arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    let status = match compare(&arguments.collect::<Vec<_>>()) {
        Ok(status) => status,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => 0,
        Err(error) => complain(1, format_args!("cannot write the output: {error}")),
    };
    ExitCode::from(status)
}

/// Returns the exit status, or why the output cannot be written.
fn compare(arguments: &[String]) -> io::Result<u8> {
    let lessons = lessons();
    let mut stdout = io::stdout().lock();
    if arguments
        .iter()
        .any(|word| ["-h", "--help"].contains(&word.as_str()))
    {
        let lines = include_str!("main.rs").lines();
        for line in lines.map_while(|line| line.strip_prefix("//!")) {
            writeln!(stdout, "{}", line.trim_start())?;
        }
        return Ok(0);
    }
    if let Some(unknown) = arguments.iter().find(|name| !lessons.contains(name)) {
        let (unknown, lessons) = (unknown.escape_debug(), lessons.join(" "));
        let line = format!("there is no lesson '{unknown}'; the lessons are: {lessons}");
        return Ok(complain(2, line));
    }
    let python = match Python::find() {
        Ok(python) => python,
        Err(reason) => return Ok(complain(1, reason)),
    };
    let chosen = if arguments.is_empty() {
        &lessons
    } else {
        arguments
    };
    let width = layout::width();
    let (mut comparisons, mut failed) = (Vec::new(), Vec::new());
    for lesson in chosen {
        match run_both(lesson, &python) {
            Ok(comparison) => {
                write!(stdout, "{}", comparison.page(width))?;
                stdout.flush()?;
                comparisons.push(comparison);
            }
            Err(reason) => {
                complain(1, format_args!("{lesson}: {reason}"));
                failed.push(lesson.as_str());
            }
        }
    }
    write!(stdout, "{}", layout::table(&comparisons, width))?;
    stdout.flush()?;
    Ok(match (failed.len(), chosen.len()) {
        (0, _) => 0,
        (_, 1) => 1,
        _ => complain(1, format_args!("failed: {}", failed.join(" "))),
    })
}

/// Runs the Python version, and then the lesson: at the same time they would disturb each other.
fn run_both<'a>(lesson: &'a str, python: &Python) -> Result<Comparison<'a>, String> {
    let python_run = root().join(format!("lessons/{lesson}/lesson.py"));
    let (mut python_run, python_trace) = run(
        lesson,
        "the Python version",
        python.command().arg(python_run),
    )?;
    // The lessons are built beside this program, and as it is.
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let program = program.with_file_name(format!("lesson-{lesson}"));
    let (mut rust, rust_trace) = run(lesson, "the lesson", &mut Command::new(program))?;
    if python_run.acts.len() != rust.acts.len() {
        let (python_run, rust) = (python_run.acts.len(), rust.acts.len());
        return Err(format!(
            "the Python version has {python_run} acts and the lesson {rust}"
        ));
    }
    let sides = iter::zip(&mut python_run.acts, &mut rust.acts);
    for (number, (python, rust)) in sides.enumerate() {
        [python.chart, rust.chart] = charts::of_act([&python_trace, &rust_trace], number);
    }
    let labels = [
        format!("Python: {}", python.build),
        format!("Rust: {}", profile(lesson)),
    ];
    Ok(Comparison {
        lesson,
        labels,
        python: python_run,
        rust,
    })
}

/// Runs one side to its end: what it printed and its timeline. If that was a bad end, its last line
/// on standard error says why.
fn run(lesson: &str, who: &str, command: &mut Command) -> Result<(Output, Trace), String> {
    progress(format_args!("{lesson}: {who} runs ..."));
    // A file without a name, so that none can be left behind. No side reads its standard input.
    let no_place = |error| format!("no place for a timeline: {error}");
    let mut trace = tempfile::tempfile().map_err(no_place)?;
    command
        .env_remove("LESSON_SPEEDUPS")
        .env("LESSON_TRACE", "/dev/stdin")
        .stdin(trace.try_clone().map_err(no_place)?);
    let output = command.output();
    progress("");
    let output = output.map_err(|error| {
        let program = command.get_program().display();
        format!("{who}: {program} cannot be started ({error})")
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let last = said.lines().rfind(|line| !line.trim().is_empty());
        let last = last.map_or_else(|| output.status.to_string(), str::to_owned);
        return Err(format!("{who}: {last}"));
    }
    let _ = io::stderr().write_all(said.as_bytes());
    let parsed = Output::parse(&String::from_utf8_lossy(&output.stdout));
    let parsed = parsed.map_err(|reason| format!("{who}: {reason}"))?;
    let trace =
        Trace::read(&mut trace).map_err(|reason| format!("{who}: its timeline: {reason}"))?;
    Ok((parsed, trace))
}

/// How cargo has built the lesson.
fn profile(lesson: &str) -> String {
    if !cfg!(debug_assertions) {
        return "release profile".into();
    }
    let section = format!("[profile.dev.package.lesson-{lesson}]\nopt-level = ");
    let manifest = include_str!("../../../Cargo.toml").split_once(&section);
    let level = manifest.map_or("0", |(_, level)| level.lines().next().unwrap_or_default());
    format!("dev profile, opt-level {level}")
}

/// Takes the place of what it said before, on a terminal only.
fn progress(text: impl Display) {
    let mut stderr = io::stderr();
    if stderr.is_terminal() {
        let _ = write!(stderr, "\r\x1b[K{text}");
    }
}

/// Returns the status: if standard error is closed as well, that has to do.
fn complain(status: u8, reason: impl Display) -> u8 {
    let _ = writeln!(io::stderr(), "just compare: {reason}");
    status
}

#[cfg(test)]
mod tests {
    use super::profile;

    /// A lesson that computes has a profile of its own.
    #[test]
    fn the_profile_is_that_of_the_lesson() {
        assert_eq!(profile("race"), "dev profile, opt-level 0");
        assert_eq!(profile("pool"), "dev profile, opt-level 1");
        assert_eq!(profile("gil"), "dev profile, opt-level 3");
    }
}
