//! Writes the mutants of `mutants.toml`: a folder with the pieces of a lesson each, one of
//! them changed, and a module that includes them together with the lesson's proofs.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;

#[derive(Deserialize)]
struct Mutants {
    /// The pieces of each lesson that has mutants.
    pieces: BTreeMap<String, Vec<String>>,
    mutant: Vec<Mutant>,
}

#[derive(Deserialize)]
struct Mutant {
    lesson: String,
    file: String,
    change: String,
    find: String,
    replace: String,
    /// Besides, all accesses are `Relaxed`.
    #[serde(default)]
    relaxed: bool,
    /// The proofs still hold.
    #[serde(default)]
    holds: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=mutants.toml");
    let mutants: Mutants = toml::from_str(&fs::read_to_string(here.join("mutants.toml"))?)?;

    let (mut modules, mut list, mut right) = (String::new(), String::new(), String::new());
    for (number, mutant) in mutants.mutant.iter().enumerate() {
        let name = format!("mutant_{number}");
        let folder = out.join(&name);
        fs::create_dir_all(&folder)?;
        let lesson = here.join("../../lessons").join(&mutant.lesson).join("src");
        let mut pieces = String::new();
        for piece in &mutants.pieces[&mutant.lesson] {
            let file = format!("{piece}.rs");
            let changed = (file == mutant.file).then_some(mutant);
            write_piece(&lesson.join(&file), &folder.join(&file), changed)?;
            writeln!(pieces, "    mod {piece};")?;
        }
        let module = mutant.lesson.replace('-', "_");
        let programs = here.join("src/programs").join(format!("{module}.rs"));
        if mutant.lesson == "pool" {
            let worker = here.join("src/programs/pool_worker.rs");
            writeln!(pieces, "    #[path = {worker:?}]\n    mod worker;")?;
        }
        writeln!(
            modules,
            "#[path = {folder:?}]\nmod {name} {{\n{pieces}    #[path = {programs:?}]\n    pub mod programs;\n}}",
        )?;
        let Mutant {
            lesson,
            file,
            change,
            holds,
            ..
        } = mutant;
        writeln!(
            if *holds { &mut right } else { &mut list },
            "crate::Mutant {{ lesson: {lesson:?}, file: {file:?}, change: {change:?}, proofs: {name}::programs::proofs }},",
        )?;
    }
    let all = format!(
        "{modules}\npub static ALL: &[crate::Mutant] = &[\n{list}];\n\
        pub static RIGHT: &[crate::Mutant] = &[\n{right}];\n"
    );
    fs::write(out.join("mutants.rs"), all)?;
    Ok(())
}

/// Copies a piece, and changes what is to be changed in it, which must be there once.
fn write_piece(from: &Path, to: &Path, mutant: Option<&Mutant>) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", from.display());
    let mut text = fs::read_to_string(from)?;
    if let Some(Mutant {
        change,
        find,
        replace,
        relaxed,
        ..
    }) = mutant
    {
        let places = text.matches(find.as_str()).count();
        if places != 1 {
            let file = from.display();
            return Err(format!("mutants.toml, '{change}': {places} such places in {file}").into());
        }
        text = text.replace(find.as_str(), replace);
        if *relaxed {
            text = text.replace("Ordering::SeqCst}", "Ordering::Relaxed as SeqCst}");
        }
    }
    fs::write(to, text)?;
    Ok(())
}
