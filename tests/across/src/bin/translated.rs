//! `just translated`: says that Chinese files translate the English ones as they are now.
//!
//! A file is named from where you are, or as the tests name it. What is said to be new, you have
//! read in both languages.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use across::{chinese, root};

fn main() -> ExitCode {
    let here = PathBuf::from(std::env::var_os("HERE").unwrap_or_default());
    for name in std::env::args().skip(1) {
        let said = match chinese::translated(&path(&here, &name)) {
            Ok(new) if new.is_empty() => format!("{name}: nothing is new"),
            Ok(new) => format!("{name}: {}", new.join(", ")),
            Err(error) => {
                let _ = writeln!(io::stderr(), "just translated: {error}");
                return ExitCode::FAILURE;
            }
        };
        let _ = writeln!(io::stdout(), "{said}");
    }
    ExitCode::SUCCESS
}

/// The path of a file in the repository.
fn path(here: &Path, name: &str) -> String {
    let places = [here.join(name), root().join(name)];
    let file = places.iter().find_map(|place| place.canonicalize().ok());
    let path = file
        .as_ref()
        .and_then(|file| file.strip_prefix(root()).ok());
    path.map_or_else(|| name.to_owned(), |path| path.display().to_string())
}
