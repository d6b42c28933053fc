//! Lets the sides take their turns.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{IsTerminal, Write};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use across::{python_program, root};

use crate::rows::{Case, Role, Row};

/// What was measured with.
pub struct Machine {
    pub lines: Vec<String>,
}

/// A line of the table, with what each side reached in each round.
pub struct Measured {
    pub group: &'static str,
    pub row: &'static Row,
    pub sides: Vec<(Role, Vec<f64>)>,
}

/// Names the machine, the Python and the Rust.
pub fn machine() -> Result<Machine, Box<dyn Error>> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("");
    let model = model.trim_start_matches([' ', '\t', ':']);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let script = "import sys, sysconfig; v = sysconfig.get_config_vars(); \
        args = v.get('CONFIG_ARGS') or ''; \
        opt = 'with' if '--enable-optimizations' in args else 'without'; \
        print(sys.version.split()[0], opt + ' profile-guided optimisation,', sys.version.split('[')[-1].rstrip(']'))";
    let output = Command::new(python_program()).args(["-c", script]).output();
    let output = output
        .map_err(|error| format!("cannot start python3 ({error}): install it, or set PYTHON"))?;
    if !output.status.success() {
        return Err("python3 does not run; install it, or set PYTHON".into());
    }
    let python = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(Machine {
        lines: vec![
            format!(
                "machine: {} cores, {model}, Linux {}",
                num_cpus::get(),
                kernel.trim()
            ),
            format!("Python: {python}"),
            "Rust: release build".to_owned(),
        ],
    })
}

/// Measures all cases, one after the other.
pub fn all(cases: &[&'static Case]) -> Result<Vec<Measured>, Box<dyn Error>> {
    let turns: usize = cases
        .iter()
        .map(|case| case.rounds * case.sides.len())
        .sum();
    let (mut turn, mut results) = (0, Vec::new());
    for case in cases {
        let mut measured: Vec<(Role, Vec<BTreeMap<String, f64>>)> = case
            .sides
            .iter()
            .map(|side| (side.role, Vec::new()))
            .collect();
        for _ in 0..case.rounds {
            for (side, (_, values)) in case.sides.iter().zip(&mut measured) {
                turn += 1;
                progress(&format!("{turn} of {turns}: {}", side.command));
                values.push(take_turn(side.command)?);
            }
        }
        for row in case.rows {
            let sides = measured.iter().filter_map(|(role, rounds)| {
                let values = rounds.iter().map(|values| values.get(row.value).copied());
                Some((*role, values.collect::<Option<Vec<f64>>>()?))
            });
            let sides = sides.collect();
            results.push(Measured {
                group: case.group,
                row,
                sides,
            });
        }
    }
    progress("");
    Ok(results)
}

/// On a terminal, the line that says what is going on.
fn progress(text: &str) {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "\r\x1b[K{text}");
    }
}

/// Starts a side and reads its numbers.
fn take_turn(command: &str) -> Result<BTreeMap<String, f64>, Box<dyn Error>> {
    let mut words = command.split(' ');
    let mut process = if command.contains(".py") {
        let mut process = Command::new(python_program());
        let script = words.next().unwrap_or_default();
        process
            .arg(root().join("tests/bench/python").join(script))
            .args(words);
        process
    } else {
        let mut process = Command::new(env::current_exe()?);
        process.arg("--side").args(words);
        process
    };
    let output = process
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("BENCH", env::current_exe()?)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()?;
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
