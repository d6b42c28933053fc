//! What a piece says that it needs, in its second line, is all that it needs:
//!
//! ```text
//! // Needs: edition 2024; worker.rs; tokio 1 (rt); postcard 1 (no default features, use-std).
//! ```
//!
//! The edition is the oldest; a file is another piece, beside it; a crate has its version
//! and, in brackets, its features.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use across::{cargo, lessons, pieces, read, root};
use toml::Table;

/// What is needed, as a manifest says it.
#[derive(Default)]
struct Needs {
    edition: String,
    files: Vec<String>,
    crates: BTreeMap<String, String>,
}

impl Needs {
    /// Of a piece, and of the pieces that it needs.
    fn of(lesson: &str, piece: &str) -> Self {
        let path = format!("lessons/{lesson}/src/{piece}.rs");
        let source = read(&path);
        let mut lines = source.lines().skip(1);
        let first = lines
            .next()
            .and_then(|line| line.strip_prefix("// Needs: "));
        let mut line = first.unwrap_or_else(|| panic!("{path}: its second line is no 'Needs'"));
        let mut said = String::new();
        let items = loop {
            said += line;
            if let Some(items) = said.strip_suffix('.') {
                break items;
            }
            line = lines
                .next()
                .and_then(|line| line.strip_prefix("//"))
                .expect(&path);
        };

        let mut needs = Self {
            files: vec![piece.to_owned()],
            ..Self::default()
        };
        let manifest: Table = read(format!("lessons/{lesson}/Cargo.toml"))
            .parse()
            .unwrap();
        for item in items.split("; ") {
            if let Some(edition) = item.strip_prefix("edition ") {
                needs.edition = edition.to_owned();
            } else if let Some(file) = item.strip_suffix(".rs") {
                let beside = Self::of(lesson, file);
                needs.files.extend(beside.files);
                needs.crates.extend(beside.crates);
            } else {
                let (name, rest) = item.split_once(' ').expect(item);
                let (version, features) = rest.split_once(" (").unwrap_or((rest, ")"));
                let features = features.strip_suffix(')').expect(item);
                let features = features.split(", ").filter(|feature| !feature.is_empty());
                let (default, features): (Vec<_>, Vec<_>) =
                    features.partition(|feature| *feature == "no default features");
                let default = default.is_empty();
                let crate_ = format!(
                    "{{ version = {version:?}, default-features = {default}, features = {features:?} }}"
                );
                needs.crates.insert(name.to_owned(), crate_);
                // What is said is what the lesson is tested with.
                let tested = &manifest["dependencies"][name];
                let tested = tested.get("version").unwrap_or(tested).as_str().unwrap();
                assert!(
                    tested.starts_with(version),
                    "{path}: {name} {version}, not {tested}"
                );
            }
        }
        needs
    }

    /// Puts an empty crate with these pieces into the folder.
    fn make(&self, lesson: &str, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        let name = folder.file_name().unwrap();
        let mut manifest = format!(
            "[package]\nname = {name:?}\nedition = {:?}\n[lib]\npath = \"lib.rs\"\n[dependencies]\n",
            self.edition
        );
        for (name, dependency) in &self.crates {
            writeln!(manifest, "{name} = {dependency}").unwrap();
        }
        let mut library = "#![deny(warnings)]\n".to_owned();
        for file in &self.files {
            writeln!(library, "pub mod {file};").unwrap();
            let source = root().join(format!("lessons/{lesson}/src/{file}.rs"));
            fs::copy(source, folder.join(format!("{file}.rs"))).unwrap();
        }
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::write(folder.join("lib.rs"), library).unwrap();
    }
}

#[test]
fn each_piece_compiles_with_what_it_says() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pieces");
    let mut names = Vec::new();
    for lesson in lessons() {
        for piece in pieces(&lesson) {
            let name = format!("{lesson}-{piece}");
            Needs::of(&lesson, &piece).make(&lesson, &folder.join(&name));
            names.push(name);
        }
    }
    // The profiles are those of this workspace, so that what was built for it serves again.
    let workspace = format!(
        "[workspace]\nresolver = \"3\"\nmembers = {names:?}\n\
         [profile.dev.package]\n\"*\" = {{ debug = false }}\ntokio = {{ opt-level = 1 }}\n"
    );
    fs::write(folder.join("Cargo.toml"), workspace).unwrap();
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let mut wrong = String::new();
    // One by one: together, each would have the features that another one asks for.
    for name in names {
        let mut cargo = cargo();
        cargo
            .args([
                "check",
                "--offline",
                "--quiet",
                "--color=never",
                "-p",
                &name,
            ])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", folder.join("../.."));
        let output = cargo.output().unwrap();
        if !output.status.success() {
            wrong += &format!("\n{name}:\n{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
