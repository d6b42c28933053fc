//! How long the first build of each lesson takes: of the lesson alone, with its crates, into an
//! empty folder. The crates have been downloaded already.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::process::Stdio;
use std::time::Instant;

use across::{cargo, lessons, root};

use crate::measure::progress;
use crate::report;

/// What stands around the table in `docs/measured.md`.
const BEGIN: &str = "<!-- made by just bench --builds --docs -->";

/// Builds the lessons, prints the times, and puts them into `docs/measured.md` if wanted.
pub fn run(docs: bool) -> Result<(), Box<dyn Error>> {
    let mut lines = vec![
        "| lesson | first build, s | crates |".to_owned(),
        "|---|---|---|".to_owned(),
    ];
    for lesson in lessons() {
        progress(&format!("building {lesson}"));
        let target = root().join("target/bench/first-build");
        let _ = fs::remove_dir_all(&target);
        let mut build = cargo();
        build.args([
            "build",
            "--locked",
            "--offline",
            "--bin",
            &format!("lesson-{lesson}"),
            "--package",
        ]);
        build
            .arg(format!("lesson-{lesson}"))
            .env("CARGO_TARGET_DIR", &target);
        build
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let start = Instant::now();
        let output = build
            .output()
            .map_err(|error| format!("cannot start cargo: {error}"))?;
        let took = start.elapsed().as_secs_f64();
        fs::remove_dir_all(&target)?;
        let told = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let last = told.lines().last().unwrap_or("no word");
            return Err(format!("lesson-{lesson} cannot be built: {last}").into());
        }
        let crates = told
            .lines()
            .filter(|line| line.trim_start().starts_with("Compiling"))
            .count();
        lines.push(format!("| {lesson} | {took:.1} | {crates} |"));
    }
    progress("");
    let table = lines.join("\n");
    writeln!(io::stdout(), "{table}")?;
    match docs {
        true => report::put(BEGIN, &format!("{}\n", table)),
        false => Ok(()),
    }
}
