//! Gathers the levels of all lessons: for each version of a program a folder with its files, and a
//! list of what `lessons/*/levels/*.toml` say.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;

/// A level, as its file describes it. Paths begin in the folder of the lesson.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Level {
    /// A few words.
    title: String,
    /// What to do, in one sentence or two.
    task: String,
    goal: Goal,
    /// The exercise that it goes with.
    exercise: Option<String>,
    /// The file with the program.
    program: PathBuf,
    /// The function of it that is played.
    #[serde(default = "main_function")]
    function: String,
    /// The file that is changed, if it is not the one of the program: a module of it.
    file: Option<PathBuf>,
    /// The names of the threads that `main` starts.
    #[serde(default)]
    threads: Vec<String>,
    /// The names of what they share, if the names in the source are not clear enough.
    #[serde(default)]
    objects: Vec<String>,
    /// Whether a read may return an older write, as the orderings in the source allow.
    #[serde(default)]
    orderings: bool,
    /// Methods of one step. It is shown where they are called: the reader sees there what it is part of.
    #[serde(default)]
    helpers: Vec<String>,
    /// Breaks the file.
    mutant: Option<Patch>,
    #[serde(default)]
    changes: Vec<Change>,
}

fn main_function() -> String {
    "main".into()
}

/// See `levels::Goal`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Goal {
    Bad,
    Deadlock,
    None,
    #[expect(dead_code, reason = "it is written by `Debug`")]
    End(String),
}

#[derive(Deserialize)]
struct Patch {
    find: String,
    replace: String,
}

/// One of those that the reader chooses from.
#[derive(Deserialize)]
struct Change {
    /// A few words.
    words: String,
    /// The changed file, if it is not that of the level.
    file: Option<PathBuf>,
    /// How it differs from that.
    find: Option<String>,
    replace: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let lessons = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../../lessons");
    let lessons = lessons.canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let (mut modules, mut list) = (String::new(), String::new());
    for lesson in entries(&lessons)? {
        let folder = lesson.join("levels");
        let Ok(files) = entries(&folder) else {
            continue;
        };
        println!("cargo::rerun-if-changed={}", folder.display());
        for file in files {
            // Its words in Chinese are in a file of their own.
            if file.extension().is_some_and(|ending| ending == "toml")
                && !file.ends_with("zh-CN.toml")
            {
                write_level(&lesson, &file, &out, &mut modules, &mut list)
                    .map_err(|error| format!("{}: {error}", file.display()))?;
            }
        }
    }
    let all =
        format!("{modules}\n/// All levels.\npub static LEVELS: &[crate::Level] = &[\n{list}];\n");
    fs::write(out.join("levels.rs"), all)?;
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut entries = entries.collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    entries.sort();
    Ok(entries)
}

fn write_level(
    lesson: &Path,
    file: &Path,
    out: &Path,
    modules: &mut String,
    list: &mut String,
) -> Result<(), Box<dyn Error>> {
    let level: Level = toml::from_str(&read(file)?)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let program = lesson.join(&level.program);
    let changed = lesson.join(level.file.as_ref().unwrap_or(&level.program));
    let mut first = read(&changed)?;
    if let Some(mutant) = &level.mutant {
        first = patched(&first, &mutant.find, &mutant.replace)?;
    }
    for helper in &level.helpers {
        if !first.contains(&format!(" fn {helper}(")) {
            return Err(format!("there is no method {helper}").into());
        }
    }
    let mut versions = vec![(None, first.clone())];
    for change in &level.changes {
        let text = match (&change.file, &change.find, &change.replace) {
            (Some(file), None, None) => read(&lesson.join(file))?,
            (Some(file), Some(find), Some(replace)) => {
                patched(&read(&lesson.join(file))?, find, replace)?
            }
            (None, Some(find), Some(replace)) => patched(&first, find, replace)?,
            _ => return Err(format!("'{}' lacks a file, or find or replace", change.words).into()),
        };
        versions.push((Some(change.words.as_str()), text));
    }

    let mut entries = String::new();
    for (number, (words, text)) in versions.iter().enumerate() {
        let module = format!("{}_{number}", name.replace('-', "_"));
        let folder = out.join(&module);
        fs::create_dir_all(&folder)?;
        let whole = |path: &Path| path.canonicalize().unwrap_or_default();
        let mut root = match whole(&program) == whole(&changed) {
            true => text.clone(),
            false => read(&program)?,
        };
        let mut files = vec![(folder.join("mod.rs"), shown(&program))];
        for (path, module) in submodules(&root) {
            let from = match &path {
                Some(path) => program.with_file_name("").join(path),
                None => changed.clone(),
            };
            let text = match whole(&from) == whole(&changed) {
                true => text.clone(),
                false => read(&from)?,
            };
            let copy = folder.join(format!("{module}.rs"));
            fs::write(&copy, compiled(&text, &level.helpers))?;
            files.push((copy, shown(&from)));
            if files[0].1 == shown(&from) {
                return Err(format!("two files are called {}", files[0].1).into());
            }
        }
        // The lines keep their numbers.
        let lines = root.split_inclusive('\n');
        root = lines
            .map(|line| match line.starts_with("#[path = ") {
                true => "\n",
                false => line,
            })
            .collect();
        let function = &level.function;
        root += &format!(
            "\npub fn __end() -> Result<(), String> {{ crate::MainEnd::end({function}()) }}\n"
        );
        fs::write(&files[0].0, compiled(&root, &level.helpers))?;
        writeln!(
            modules,
            "#[allow(warnings, clippy::all)]\n#[path = {:?}]\nmod {module};",
            files[0].0
        )?;
        writeln!(
            entries,
            "    crate::Version {{ change: {words:?}, changed: {:?}, files: &{files:?}, main: {module}::__end }},",
            shown(&changed),
        )?;
    }
    let Level {
        title,
        task,
        goal,
        exercise,
        threads,
        objects,
        orderings,
        ..
    } = &level;
    let lesson = lesson.file_name().unwrap_or_default();
    writeln!(
        list,
        "crate::Level {{ name: {name:?}, lesson: {lesson:?}, title: {title:?}, task: {task:?}, \
         goal: crate::Goal::{goal:?}, exercise: {exercise:?}, threads: &{:?}, objects: &{objects:?}, \
         orderings: {orderings}, versions: &[\n{entries}] }},",
        [&["main".to_owned()], threads.as_slice()].concat(),
    )?;
    Ok(())
}

fn read(file: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", file.display());
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()).into())
}

/// The text with one place of it changed.
fn patched(text: &str, find: &str, replace: &str) -> Result<String, Box<dyn Error>> {
    match text.matches(find).count() {
        1 => Ok(text.replace(find, replace)),
        places => Err(format!("{places} places with\n{find}").into()),
    }
}

/// The file as it is compiled, line by line the same: `as_written` in `src/record.rs` takes all of it back.
fn compiled(text: &str, helpers: &[String]) -> String {
    let mut text = text.replace("use std::cell::Cell;", "use crate::Cell;");
    for name in helpers {
        for begin in [format!(" fn {name}("), format!(" pub fn {name}(")] {
            text = text.replace(
                &format!("   {begin}"),
                &format!("    #[track_caller]{begin}"),
            );
        }
    }
    text
}

/// How a file is called in the level: one that is submitted as the reader's is.
fn shown(file: &Path) -> String {
    let names = file
        .components()
        .rev()
        .map(|part| part.as_os_str().to_string_lossy());
    let names: Vec<_> = names.take(3).collect();
    match names.iter().map(AsRef::as_ref).collect::<Vec<&str>>()[..] {
        ["start.rs" | "solution.rs", exercise, "exercises"] | [_, "wrong", exercise] => {
            format!("{exercise}.rs")
        }
        [name, ..] => name.into(),
        [] => String::new(),
    }
}

/// `mod name;` with the path above it.
fn submodules(text: &str) -> Vec<(Option<String>, String)> {
    let mut path = None;
    let mut found = Vec::new();
    for line in text.lines() {
        let attribute = line.strip_prefix("#[path = \"");
        if let Some(it) = attribute.and_then(|rest| rest.strip_suffix("\"]")) {
            path = Some(it.to_owned());
        } else if let Some(name) = line
            .strip_prefix("mod ")
            .and_then(|rest| rest.strip_suffix(';'))
        {
            found.push((path.take(), name.to_owned()));
        }
    }
    found
}
