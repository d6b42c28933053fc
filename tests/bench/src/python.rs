//! The Pythons of this machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use across::python_program;

/// Interpreters are looked for from 3.11 on.
const NAMES: [&str; 6] = [
    "python3",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "python3.15",
];

/// Prints the version, how it was built, and the best of some times of a small computation, which is
/// what tells builds apart.
const ASK: &str = "
import importlib.util, sys, sysconfig, time
if sys.version_info < (3, 11):
    sys.exit('Python 3.11 or newer is needed')
def count():
    start, numbers = time.perf_counter(), {}
    for n in range(200_000):
        numbers[n % 1000] = str(n)
    return time.perf_counter() - start
best = min(count() for _ in range(7))
arguments = sysconfig.get_config_var('CONFIG_ARGS') or ''
build = 'configured with' if '--enable-optimizations' in arguments else 'configured without'
print(best, importlib.util.find_spec('aiohttp') is not None, sys.version.split()[0], build, '--enable-optimizations,', sys.version.split('[')[-1].rstrip(']'))
";

/// An interpreter.
pub struct Python {
    pub program: OsString,
    /// Its version, and how it was built.
    pub build: String,
    /// Seconds for a small computation.
    took: f64,
    /// Whether it has the module that fetches pages.
    pub aiohttp: bool,
}

impl Python {
    /// Asks an interpreter what it is.
    ///
    /// # Errors
    ///
    /// In one line, why it cannot be used.
    fn new(program: impl Into<OsString>) -> Result<Self, String> {
        let program = program.into();
        let name = program.display();
        let output = Command::new(&program).args(["-c", ASK]).output();
        let output = output
            .map_err(|error| format!("cannot start {name} ({error}): install it, or set PYTHON"))?;
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            let last = error.lines().last().unwrap_or("no word");
            return Err(format!(
                "{name} does not run ({last}); install it, or set PYTHON"
            ));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let words: Vec<&str> = text.trim().splitn(3, ' ').collect();
        let [took, aiohttp, build] = words[..] else {
            return Err(format!("{name} answers {text:?}"));
        };
        let took = took.parse().map_err(|error| format!("{name}: {error}"))?;
        let (aiohttp, build) = (aiohttp == "True", build.to_owned());
        Ok(Self {
            program,
            build,
            took,
            aiohttp,
        })
    }

    /// What runs this script: if the interpreter has no module to fetch pages, the one of the lessons.
    pub fn program_for(&self, script: &str) -> OsString {
        match script.starts_with("fetch.py") && !self.aiohttp {
            true => python_program(),
            false => self.program.clone(),
        }
    }
}

/// The Python to measure: the one that `PYTHON` names, or else the fastest. Behind it, those that
/// were asked for by name.
///
/// # Errors
///
/// In one line, if there is none.
pub fn pythons(more: &[OsString]) -> Result<Vec<Python>, String> {
    let mut all = vec![first()?];
    for program in more {
        all.push(Python::new(program)?);
    }
    Ok(all)
}

fn first() -> Result<Python, String> {
    if let Some(named) = env::var_os("PYTHON").filter(|name| !name.is_empty()) {
        return Python::new(named);
    }
    let usual = python_program();
    let mut seen = Vec::new();
    let mut all = Vec::new();
    for program in [usual.clone()]
        .into_iter()
        .chain(NAMES.iter().flat_map(|name| on_path(name)))
    {
        // An environment is a link to its interpreter, with modules of its own.
        let real = fs::canonicalize(&program).unwrap_or_else(|_| PathBuf::from(&program));
        if seen.contains(&real) {
            continue;
        }
        seen.push(real);
        all.extend(Python::new(program));
    }
    let fastest = all
        .into_iter()
        .min_by(|one, two| one.took.total_cmp(&two.took));
    fastest.map_or_else(|| Python::new(usual), Ok)
}

/// All programs of this name.
fn on_path(name: &str) -> Vec<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let programs = env::split_paths(&path).map(|folder| folder.join(name));
    programs
        .filter(|program| is_program(program))
        .map(Into::into)
        .collect()
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|it| it.is_file())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn what_is_no_python_is_one_line() {
        for program in ["/nowhere/python3", "false", "true"] {
            let told = Python::new(OsStr::new(program)).err().unwrap();
            assert_eq!(told.lines().count(), 1, "{told}");
        }
    }
}
