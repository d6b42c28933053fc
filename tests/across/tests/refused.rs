//! What a chapter says the compiler refuses, it refuses, for that reason and no other.
//!
//! In a block `rust,compile_fail,E0499` the lines that end in a comment are refused, and the
//! comment is what the compiler says. Each of them is refused by itself, with this error and
//! no other; without them the block compiles. Some errors have no code: their block is
//! `rust,compile_fail`. Any other block `rust` compiles as it is, but for those with a caption,
//! which show what is in a file.
//!
//! A block sees what its lesson sees: the dependencies, and the pieces as modules.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use across::{items, lessons, read, root};
use regex_lite::Regex;
use toml::Table;

#[test]
fn the_compiler_refuses_what_the_chapters_say() {
    let libraries = &libraries();
    let wrong = &Mutex::new(String::new());
    thread::scope(|scope| {
        for lesson in lessons() {
            scope.spawn(move || {
                let chapter = read(format!("lessons/{lesson}/README.md"));
                if let Err(error) = check(&chapter, &Compiler::new(&lesson, libraries)) {
                    *wrong.lock().unwrap() += &format!("\n{lesson}: {error}");
                }
            });
        }
    });
    let wrong = wrong.lock().unwrap();
    assert!(wrong.is_empty(), "{wrong}");
}

/// Compiles the blocks of a chapter. The error is what the chapter says wrongly.
fn check(chapter: &str, compiler: &Compiler) -> Result<(), String> {
    let block = Regex::new(r"(?ms)^```rust([^\n]*)\n(.*?)^```$").unwrap();
    let refusal = Regex::new(r"^(.*\S) +// (.*)$").unwrap();
    let mut refused = 0;
    for shown in block.captures_iter(chapter) {
        let above = chapter[..shown.get(0).unwrap().start()].trim_end();
        if above.lines().last().is_some_and(items::is_caption) {
            continue; // It is code of a file: `code_is_that_of_the_files`.
        }
        let lines: Vec<_> = shown[2].lines().collect();
        let code = shown[1].strip_prefix(",compile_fail");
        // What compiles, with an empty line in the place of each that is refused.
        let mut rest = lines.clone();
        if code.is_some() {
            let marked = rest.iter_mut().filter(|line| refusal.is_match(line));
            marked.for_each(|line| *line = "");
            if rest == lines {
                return Err(format!("which line is refused?\n{}", &shown[2]));
            }
        }
        let said = compiler.compile(&rest);
        if !codes(&said).is_empty() {
            return Err(format!("this ought to compile, but\n{said}"));
        }
        for (place, line) in lines.iter().enumerate() {
            if *line == rest[place] {
                continue;
            }
            // The comment stays out: the compiler would repeat it.
            let (_, [line, reason]) = refusal.captures(line).unwrap().extract();
            let mut with_it = rest.clone();
            with_it[place] = line;
            let said = compiler.compile(&with_it);
            let expected = code.unwrap_or_default().trim_start_matches(',');
            if codes(&said) != [expected].into() || !said.contains(reason) {
                return Err(format!("not {expected} '{reason}', but\n{said}"));
            }
            // An error without a code may be about a whole task, and one about a constant is elsewhere.
            let mut refused_lines = refused_lines(&said).filter(|_| !expected.is_empty());
            let in_block = |other: &&str| with_it.iter().any(|line| line.trim() == *other);
            let other = refused_lines.find(|it| *it != line.trim() && in_block(it));
            if let Some(other) = other {
                return Err(format!("not '{line}' is refused, but '{other}'\n{said}"));
            }
            refused += 1;
        }
    }
    if refused == 0 {
        return Err("nothing is refused".to_owned());
    }
    Ok(())
}

/// The codes of the errors; "" for those that have none.
fn codes(said: &str) -> BTreeSet<&str> {
    let error = Regex::new(r"(?m)^error(?:\[(E[0-9]{4})\])?: (.*)$").unwrap();
    let errors = error.captures_iter(said);
    errors
        .filter(|error| !error[2].starts_with("aborting due to"))
        .map(|error| error.get(1).map_or("", |code| code.as_str()))
        .collect()
}

/// The lines that the errors are about.
fn refused_lines(said: &str) -> impl Iterator<Item = &str> {
    let (mut of_error, mut number) = (false, None);
    said.lines().filter_map(move |line| {
        if let Some((_, place)) = line.split_once("--> ") {
            number = place.rsplit(':').nth(1).filter(|_| of_error);
            of_error = false;
            return None;
        }
        of_error |= line.starts_with("error");
        let (before, code) = line.split_once(" |")?;
        number.filter(|number| before.trim() == *number)?;
        number = None;
        Some(code.trim_start_matches(['/', ' ']).trim())
    })
}

/// The files of the libraries that the lessons are built with, by name.
fn libraries() -> BTreeMap<String, PathBuf> {
    let mut cargo = across::cargo();
    cargo
        .args(["build", "--locked", "--quiet", "--message-format=json"])
        .stderr(Stdio::inherit());
    let built = cargo.output().unwrap();
    assert!(built.status.success());
    let messages = String::from_utf8(built.stdout).unwrap();
    let library = r#""([^"]*/lib([a-z0-9_]+)(?:-[0-9a-f]+)?\.(?:rlib|so))""#;
    let library = Regex::new(library).unwrap();
    let found = library.captures_iter(&messages);
    found
        .map(|found| (found[2].to_owned(), found[1].into()))
        .collect()
}

/// The compiler, and what it is told about a lesson.
#[derive(Default)]
struct Compiler {
    package: String,
    /// Where the dependencies are, and what they depend on.
    arguments: Vec<String>,
    /// Declares the pieces as modules.
    modules: String,
}

impl Compiler {
    fn new(lesson: &str, libraries: &BTreeMap<String, PathBuf>) -> Self {
        let folders: BTreeSet<_> = libraries
            .values()
            .filter_map(|path| path.parent())
            .collect();
        let folders = folders
            .iter()
            .map(|folder| format!("-Ldependency={}", folder.display()));
        let manifest: Table = read(format!("lessons/{lesson}/Cargo.toml"))
            .parse()
            .unwrap();
        let dependencies = manifest["dependencies"].as_table().unwrap().keys();
        let dependencies = dependencies.map(|name| {
            let name = name.replace('-', "_");
            format!("--extern={name}={}", libraries[&name].display())
        });
        let mut modules = String::new();
        for file in fs::read_dir(root().join(format!("lessons/{lesson}/src"))).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            // What speaks of the program around it is a part of that, and no piece.
            if name != "main" && !read(&path).contains("crate::") {
                modules += &format!("#[path = {path:?}]\nmod {name};\n");
            }
        }
        Self {
            package: format!("lesson-{lesson}"),
            arguments: folders.chain(dependencies).collect(),
            modules,
        }
    }

    /// What the compiler says of these statements.
    fn compile(&self, statements: &[&str]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let mut compiler = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into()))
            .args([
                "--edition=2024",
                "--crate-type=lib",
                // Looks into what is called as well, as a build does.
                "--emit=mir",
                "--cap-lints=allow",
            ])
            .args(&self.arguments)
            .arg("--out-dir")
            .arg(folder.path())
            .arg("-")
            .env("CARGO_PKG_NAME", &self.package)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (modules, statements) = (&self.modules, statements.join("\n"));
        let source = format!("{modules}\npub async fn case() {{\n{statements}\n}}\n");
        let mut stdin = compiler.stdin.take().unwrap();
        stdin.write_all(source.as_bytes()).unwrap();
        drop(stdin);
        let output = compiler.wait_with_output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn the_check_sees_what_matters() {
    let shown = "```rust,compile_fail,E0382
let letter = String::new();
drop(letter);
drop(letter); // use of moved value: `letter`
```
";
    let right = |chapter: &str| check(chapter, &Compiler::default()).is_ok();
    assert!(right(shown));
    assert!(!right("Nothing is refused."));
    // Another code, none, other words, another mistake elsewhere, a line without a mark.
    assert!(!right(&shown.replace("E0382", "E0499")));
    assert!(!right(&shown.replace(",E0382", "")));
    assert!(!right(&shown.replace("use of", "borrow of")));
    assert!(!right(&shown.replace("String", "Sting")));
    assert!(!right(
        &shown.replace(" // use of moved value: `letter`", "")
    ));
    // What is not refused at all, each line for itself.
    let both = "drop(letter); // use of moved value: `letter`\n";
    assert!(!right(&shown.replace("drop(letter);\n", both)));
    // Any other block.
    assert!(!right(&shown.replace(",compile_fail,E0382", "")));
    assert!(right(&format!(
        "{shown}\n```rust\nlet one = 1_u32; // a number\n```\n"
    )));
    assert!(!right(&format!(
        "{shown}\n```rust\nlet one: u32 = \"1\";\n```\n"
    )));
    assert!(!right(&format!(
        "{shown}\n```rust,ignore\nlet one: u32 = \"1\";\n```\n"
    )));
}
