//! Which Python, and how it was built.

use std::ffi::{OsStr, OsString};
use std::process::Command;

use across::{python_program, root};

/// Any Python understands it, however old.
const QUESTION: &str = "
import sys
print('%d %d' % sys.version_info[:2])
import platform, sysconfig
print('%s %s, %s, %s profile-guided optimisation' % (
    platform.python_implementation(), platform.python_version(), platform.python_compiler(),
    '--enable-optimizations' in (sysconfig.get_config_var('CONFIG_ARGS') or '') and 'with' or 'without'))
";

/// A Python that is new enough.
pub struct Python {
    program: OsString,
    /// Its version, its compiler, and whether it is as fast as that compiler can make it.
    pub build: String,
}

impl Python {
    /// The one of [`python_program`], or what to do if it is too old or missing.
    pub fn find() -> Result<Self, String> {
        let program = python_program();
        match ask(&program) {
            Ok(build) => Ok(Self { program, build }),
            Err(what) => {
                let program = program.display();
                Err(format!(
                    "{program} {what}: install Python 3.11 or newer, or name it in PYTHON"
                ))
            }
        }
    }

    /// Runs it, to be given a program.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // What it compiles for the next time does not go beside the sources.
        command.env("PYTHONPYCACHEPREFIX", root().join("target/pycache"));
        command
    }
}

fn ask(program: &OsStr) -> Result<String, String> {
    let output = Command::new(program).args(["-c", QUESTION]).output();
    let output = output.map_err(|error| format!("cannot be started ({error})"))?;
    let answer = String::from_utf8_lossy(&output.stdout);
    let (version, build) = answer.split_once('\n').unwrap_or_default();
    let numbers: Vec<u32> = version.split(' ').flat_map(str::parse).collect();
    match numbers[..] {
        [major, minor] if (major, minor) < (3, 11) => Err(format!("is Python {major}.{minor}")),
        [_, _] if output.status.success() => Ok(build.trim_end().to_owned()),
        _ => Err("does not answer as Python does".into()),
    }
}
