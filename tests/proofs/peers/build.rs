//! Gathers the programs of `tests/own`, and those of `tests/large`, for a crate that stands in the place of
//! `std`: a copy of each that this crate can run, with a function behind its last line that calls
//! the program's `main`, and the list of them all.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;

const BACK: &str = "\npub fn __end() -> Result<(), String> { crate::MainEnd::end(main()) }\n";

#[derive(Deserialize)]
struct Peers {
    /// By crate: why it cannot run these programs.
    cannot: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    redundant: Vec<Redundant>,
}

#[derive(Deserialize)]
struct Redundant {
    program: String,
    before: String,
    load: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let proofs = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let table = proofs.join("peers/peers.toml");
    println!("cargo::rerun-if-changed={}", table.display());
    let mut peers: Peers = toml::from_str(&fs::read_to_string(table)?)?;
    let package = env::var("CARGO_PKG_NAME")?;
    let cannot = peers.cannot.remove(&package).unwrap_or_default();
    let mut cannot: BTreeMap<_, _> = cannot
        .iter()
        .flat_map(|(reason, programs)| programs.iter().map(move |name| (name.clone(), reason)))
        .collect();

    let (mut text, mut not_run) = (String::new(), String::new());
    for (folder, list) in [("own", "PROGRAMS"), ("large", "LARGE")] {
        let mut programs = programs(&proofs.join("tests").join(folder))?;
        if package == "own-programs" && folder == "own" {
            programs.extend(redundant(&peers.redundant, &programs)?);
        }
        let mut entries = String::new();
        for (name, program) in programs {
            if let Some(reason) = cannot.remove(&name) {
                writeln!(not_run, "    ({name:?}, {reason:?}),")?;
                continue;
            }
            let path = out.join(format!("{name}.rs"));
            fs::write(&path, program + BACK)?;
            writeln!(
                text,
                "#[allow(clippy::all)]\n#[path = {path:?}]\nmod {name};"
            )?;
            writeln!(entries, "    ({name:?}, {name}::__end),")?;
        }
        let docs = format!("/// The programs of `tests/{folder}`, by name.");
        writeln!(
            text,
            "{docs}\npub static {list}: &[(&str, Program)] = &[\n{entries}];"
        )?;
    }
    if let Some(name) = cannot.keys().next() {
        return Err(format!("peers.toml: there is no program '{name}'").into());
    }
    let program = "pub type Program = fn() -> Result<(), String>;";
    writeln!(text, "/// The `main` of a program.\n{program}")?;
    let docs = "/// Those that cannot be run or compared, and why.";
    writeln!(
        text,
        "{docs}\npub static NOT_RUN: &[(&str, &str)] = &[\n{not_run}];"
    )?;
    fs::write(out.join("programs.rs"), text)?;
    Ok(())
}

type Programs = BTreeMap<String, String>;

/// The programs with a load that makes no difference.
fn redundant(changes: &[Redundant], programs: &Programs) -> Result<Programs, String> {
    let changed = changes.iter().map(|change| {
        let Redundant {
            program,
            before,
            load,
        } = change;
        let text = &programs[program];
        match text.matches(before.as_str()).count() {
            1 => Ok((
                format!("redundant_{program}"),
                text.replace(before.as_str(), &format!("{load} {before}")),
            )),
            _ => Err(format!("peers.toml: '{before}' is not once in {program}")),
        }
    });
    changed.collect()
}

/// The programs of a folder, by name.
fn programs(folder: &Path) -> Result<Programs, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut programs = Programs::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let name = path.file_stem().ok_or("a file has a name")?;
        programs.insert(
            name.to_string_lossy().into_owned(),
            fs::read_to_string(&path)?,
        );
    }
    Ok(programs)
}
