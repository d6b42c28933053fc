//! Lets the sides take their turns.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsStr;
use std::io::{IsTerminal, Write};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use across::root;

use crate::cores::{Cores, pin};
use crate::python::Python;
use crate::rows::{Case, Role, Row, Where};
use crate::verdict::{FEWEST, MOST, Verdict, verdict};

/// A line of the table, with what each side reached in each round.
pub struct Measured {
    pub group: &'static str,
    pub row: &'static Row,
    pub sides: Vec<(Role, Vec<f64>)>,
    pub verdict: Verdict,
}

/// What each side of a case reached in a round.
type Round = Vec<(Role, BTreeMap<String, f64>)>;

/// Names the machine, the Pythons and the Rust.
pub fn machine(pythons: &[Python]) -> Vec<String> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = |line: &'_ str| {
        Some(
            line.strip_prefix("model name")?
                .trim_start_matches([' ', '\t', ':'])
                .to_owned(),
        )
    };
    let model = cpu.lines().find_map(name).unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let machine = format!(
        "machine: {} cores, {model}, Linux {}",
        num_cpus::get(),
        kernel.trim()
    );
    let pythons = pythons
        .iter()
        .map(|python| format!("Python: {}", python.build));
    [machine]
        .into_iter()
        .chain(pythons)
        .chain(["Rust: release build".to_owned()])
        .collect()
}

/// Measures all cases, one after the other.
pub fn all(cases: &[&'static Case], pythons: &[Python]) -> Result<Vec<Measured>, Box<dyn Error>> {
    let mut cores = Cores::new()?;
    let mut results = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let (rounds, quiet) = rounds(case, pythons, &mut cores, &|words| {
            progress(&format!("{} of {}, {}", number + 1, cases.len(), words));
        })?;
        for row in case.rows {
            let sides = sides(row, &rounds);
            let verdict = if quiet {
                verdict(row, &sides)
            } else {
                Verdict::Busy
            };
            results.push(Measured {
                group: case.group,
                row,
                sides,
                verdict,
            });
        }
    }
    progress("");
    Ok(results)
}

/// The rounds of a case, and whether the machine had the cores for them. Each round is one turn of
/// each side; there are more of them as long as a verdict is open.
fn rounds(
    case: &Case,
    pythons: &[Python],
    cores: &mut Cores,
    progress: &dyn Fn(&str),
) -> Result<(Vec<Round>, bool), Box<dyn Error>> {
    let needed = case.place.cores();
    let (mut quiet, mut disturbed) = (Vec::new(), Vec::new());
    let open = |rounds: &[Round]| {
        rounds.len() < FEWEST
            || (rounds.len() < MOST
                && case
                    .rows
                    .iter()
                    .any(|row| verdict(row, &sides(row, rounds)) == Verdict::Close))
    };
    while open(&quiet) {
        if disturbed.len() >= FEWEST && disturbed.len() > quiet.len() {
            let all = quiet.into_iter().chain(disturbed).collect();
            return Ok((all, false));
        }
        let core = wait_for(cores, needed)?;
        let on = match case.place {
            Where::OneCore => Some(core),
            Where::Cores(_) => None,
        };
        let mut turns: Vec<(Role, &str, Option<&Python>)> = Vec::new();
        for side in case.sides {
            match side.role {
                Role::Python(_) => {
                    let each = pythons.iter().enumerate();
                    turns.extend(
                        each.map(|(number, it)| (Role::Python(number), side.command, Some(it))),
                    );
                }
                role => turns.push((role, side.command, None)),
            }
        }
        // What changes from turn to turn hits each side as often early as late.
        if (quiet.len() + disturbed.len()) % 2 == 1 {
            turns.reverse();
        }
        let mut round = Vec::new();
        for (role, command, python) in turns {
            progress(&format!(
                "round {}: {command}",
                quiet.len() + disturbed.len() + 1
            ));
            round.push((role, turn(command, python, on)?));
        }
        match cores.look()?.has(needed) {
            true => quiet.push(round),
            false => disturbed.push(round),
        }
    }
    Ok((quiet, true))
}

/// Waits a little for so many free cores. The freest one.
fn wait_for(cores: &mut Cores, needed: usize) -> nix::Result<usize> {
    const PATIENCE: Duration = Duration::from_secs(1);
    let start = Instant::now();
    loop {
        let look = cores.look()?;
        if look.has(needed) || start.elapsed() > PATIENCE {
            return Ok(look.freest());
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn sides(row: &Row, rounds: &[Round]) -> Vec<(Role, Vec<f64>)> {
    let mut sides: Vec<(Role, Vec<f64>)> = Vec::new();
    for (role, values) in rounds.iter().flatten() {
        let Some(&value) = values.get(row.value) else {
            continue;
        };
        match sides.iter_mut().find(|side| side.0 == *role) {
            Some(side) => side.1.push(value),
            None => sides.push((*role, vec![value])),
        }
    }
    sides
}

/// On a terminal, the line that says what is going on.
pub fn progress(text: &str) {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "\r\x1b[K{text}");
    }
}

/// Starts a side, on this core if there is one, and reads its numbers.
pub fn turn(
    command: &str,
    python: Option<&Python>,
    core: Option<usize>,
) -> Result<BTreeMap<String, f64>, Box<dyn Error>> {
    let mut words = command.split(' ');
    let mut process = match python {
        Some(python) if command.contains(".py") => {
            let mut process = Command::new(python.program_for(command));
            let script = words.next().unwrap_or_default();
            process.arg(root().join("tests/bench/python").join(script));
            process
        }
        _ => {
            let mut process = Command::new(env::current_exe()?);
            process.arg("--side");
            process
        }
    };
    let python = python.map_or(OsStr::new(""), |python| &python.program);
    process
        .args(words)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHON", python)
        .env("BENCH", env::current_exe()?)
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let output = output(process, core)?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        let last = error.lines().last().unwrap_or("no word");
        return Err(format!("'{command}' failed ({}): {last}", output.status).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let value = |line: &str| -> Option<(String, f64)> {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    let values: Option<BTreeMap<_, _>> = text.lines().map(value).collect();
    values.ok_or_else(|| format!("'{command}' printed {text:?}").into())
}

/// A process begins on the core of the thread that starts it.
fn output(mut process: Command, core: Option<usize>) -> io::Result<Output> {
    let start = move || {
        core.map_or(Ok(()), pin)?;
        process.output()
    };
    thread::spawn(start).join().expect("it does not panic")
}
