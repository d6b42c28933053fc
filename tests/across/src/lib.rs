//! What the checks across lessons share: where things are, how to start them, which of
//! their outputs are alike, and what a chapter asks.

pub mod chinese;
#[cfg(feature = "items")]
pub mod items;
pub mod outputs;
pub mod parts;
pub mod questions;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the workspace is there")
}

/// The path in the repository that a link in this file means.
pub fn resolve(file: &str, path: &str) -> String {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let mut whole = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::ParentDir => _ = whole.pop(),
            part => whole.push(part),
        }
    }
    whole.display().to_string()
}

/// The names of the lessons in the order of the tutorial, as the `justfile` lists them.
pub fn lessons() -> Vec<String> {
    let justfile = fs::read_to_string(root().join("justfile")).expect("a justfile");
    let list = justfile
        .lines()
        .find_map(|line| line.strip_prefix("lessons := "))
        .expect("the list of lessons in the justfile");
    let names = list.trim_matches('"').split_whitespace();
    names.map(str::to_owned).collect()
}

/// The names of a lesson's pieces, the files that its chapter's last part links to.
pub fn pieces(lesson: &str) -> Vec<String> {
    let chapter = read(format!("lessons/{lesson}/README.md"));
    let (_, taken) = chapter
        .split_once("\n## To take away\n")
        .unwrap_or_else(|| panic!("{lesson}: its chapter has no part 'To take away'"));
    let links = taken.split("](src/").skip(1);
    let names = links.filter_map(|link| link.split_once(".rs)"));
    let names: Vec<_> = names.map(|(name, _)| name.to_owned()).collect();
    assert!(
        !names.is_empty(),
        "{lesson}: its chapter links to no file to take away"
    );
    names
}

/// The text of a file, by its path in the workspace.
pub fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The program of a lesson.
pub fn program(lesson: &str) -> PathBuf {
    built(&format!("lesson-{lesson}"))
}

/// A program of this workspace, built before the tests as `just test` does.
pub fn built(program: &str) -> PathBuf {
    // The tests are in `deps`, the programs in the folder above.
    let test = env::current_exe().expect("the path of the running test");
    let folder = test.ancestors().nth(2).expect("a target folder");
    let program = folder.join(program);
    assert!(
        program.exists(),
        "no {}: run `just test`",
        program.display()
    );
    program
}

/// A lesson ready to be started, twenty times faster than the tutorial and with nothing
/// of this terminal's settings.
pub fn lesson(lesson: &str) -> Command {
    let mut command = Command::new(program(lesson));
    command
        .env("LESSON_SPEED", "20")
        .env_remove("LESSON_SPEEDUPS")
        .env_remove("LESSON_TRACE")
        .env("NO_COLOR", "1");
    command
}

/// Which Python: the one in the environment variable `PYTHON`, else the one that the recipes
/// make in `target/python`, else `python3`.
pub fn python_program() -> OsString {
    let named = env::var_os("PYTHON").filter(|name| !name.is_empty());
    let ours = root().join("target/python/bin/python3");
    let ours = ours.exists().then(|| ours.into_os_string());
    named.or(ours).unwrap_or_else(|| "python3".into())
}

/// [`python_program`], in the folder of the workspace, with the speed of [`lesson`].
pub fn python() -> Command {
    let mut command = Command::new(python_program());
    command
        .current_dir(root())
        .env("LESSON_SPEED", "20")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// `cargo`, in the folder of the workspace, as if it were not a test that calls it.
pub fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root());
    // What a test is told about its own package would have some crates built anew.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// `just`: the very one that runs these tests, or the one that is installed.
pub fn just() -> Command {
    let mut command = Command::new(env::var_os("JUST").unwrap_or("just".into()));
    command.current_dir(root());
    command.env_remove("HERE").env_remove("ROOT");
    command
}
