//! `just translated`: says that Chinese files translate the English ones as they are now.
//!
//! A file is named from where you are, or as the tests name it. What is said to be new, you have
//! read in both languages.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use across::{chinese, root};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "just translated: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    for name in env::args().skip(1) {
        let new = chinese::translated(&path(&name))?;
        let new = match new.is_empty() {
            true => "nothing is new".to_owned(),
            false => new.join(", "),
        };
        writeln!(io::stdout(), "{name}: {new}")?;
    }
    Ok(())
}

/// The path of a file in the repository.
fn path(name: &str) -> String {
    let here = PathBuf::from(env::var_os("HERE").unwrap_or_default());
    let inside = |place: &PathBuf| {
        Some(
            place
                .canonicalize()
                .ok()?
                .strip_prefix(root())
                .ok()?
                .to_owned(),
        )
    };
    let path = [here.join(name), root().join(name)].iter().find_map(inside);
    path.map_or_else(|| name.to_owned(), |path| path.display().to_string())
}
