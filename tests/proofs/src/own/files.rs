//! The files of a program, where they are compiled, and how they are called in what is printed.

use real_std::error::Error;
use real_std::io;
use real_std::os::unix::fs::symlink;
use real_std::path::{Path, PathBuf};
use real_std::sync::atomic::{AtomicU32, Ordering};
use real_std::{env, fs, process};

use serde::Serialize;

/// A folder for what is compiled, among what cargo has built. It is removed in the end; if this
/// process is killed, the next one removes it.
#[derive(Debug)]
pub struct Folder(pub PathBuf);

impl Folder {
    /// A new one, not far from this library.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn new(library: &Path) -> io::Result<Self> {
        let all = library.with_file_name("own-programs");
        fs::create_dir_all(&all)?;
        for folder in fs::read_dir(&all)? {
            let folder = folder?;
            let name = folder.file_name().to_string_lossy().into_owned();
            let process = name.split('-').next().unwrap_or(&name);
            if !Path::new("/proc").join(process).exists() {
                let _ = fs::remove_dir_all(folder.path());
            }
        }
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (process, number) = (process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = all.join(format!("{process}-{number}"));
        fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How what is compiled at a path is called, or what lies below it.
#[derive(Debug, Serialize)]
pub struct Name {
    /// The path in the compiler's words.
    pub compiled: String,
    /// In what is printed; empty for the file that a bare number of a line is about.
    pub shown: String,
}

/// A program to be searched.
#[derive(Debug)]
pub struct Files {
    /// The file with `main`, or with the programs.
    pub root: PathBuf,
    /// Its name in what is printed.
    pub shown: String,
    /// The file that is its module `yours`, and the name of that.
    pub yours: Option<(PathBuf, String)>,
    /// The functions without arguments that are to be searched.
    pub programs: Vec<String>,
    pub(super) text: String,
}

/// The name of the copy of the root.
const COPY: &str = "own-program.rs";
pub(super) const FRONT: &str = "#[macro_use] extern crate own as __own; ";

impl Files {
    /// A file with a `main`.
    ///
    /// # Errors
    ///
    /// In one line, if it cannot be read.
    pub fn of_program(root: &Path, shown: &str) -> Result<Self, Box<dyn Error>> {
        Self::new(root, shown, None, vec!["main".into()])
    }

    /// A file with programs that use another one, as their module `yours`. A program is a public
    /// function without arguments.
    ///
    /// # Errors
    ///
    /// In one line, if it cannot be read.
    pub fn of_check(
        root: &Path,
        shown: &str,
        yours: (PathBuf, String),
    ) -> Result<Self, Box<dyn Error>> {
        let mut files = Self::new(root, shown, Some(yours), Vec::new())?;
        let names = files.text.lines().filter_map(|line| {
            let (name, _) = line.strip_prefix("pub ")?.split_once("()")?;
            let name = name.strip_prefix("async ").unwrap_or(name);
            let name = name.strip_prefix("fn ")?;
            Some(name.to_owned())
        });
        files.programs = names.collect();
        Ok(files)
    }

    fn new(
        root: &Path,
        shown: &str,
        yours: Option<(PathBuf, String)>,
        programs: Vec<String>,
    ) -> Result<Self, Box<dyn Error>> {
        let text =
            fs::read_to_string(root).map_err(|error| format!("cannot read '{shown}': {error}"))?;
        // As rustc does, without the byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        Ok(Self {
            root: root.to_owned(),
            shown: shown.to_owned(),
            yours,
            programs,
            text,
        })
    }

    fn beside(&self) -> PathBuf {
        let beside = self.root.parent();
        let beside = beside.filter(|parent| !parent.as_os_str().is_empty());
        real_std::path::absolute(beside.unwrap_or(Path::new("."))).unwrap_or_default()
    }

    /// Puts a copy of the root into `program`, with `front` before its first item, on the same
    /// line, and `back` behind its last line, so that all lines keep their numbers. Its modules
    /// are the reader's own files, by links.
    pub(super) fn place(&self, program: &Path, front: &str, back: &str) -> io::Result<PathBuf> {
        fs::create_dir(program)?;
        let beside = self.beside();
        for module in modules(&self.text) {
            for file in [format!("{module}.rs"), module.to_owned()] {
                let from = beside.join(&file);
                if from.exists() {
                    symlink(from, program.join(file))?;
                }
            }
        }
        if let Some((yours, _)) = &self.yours {
            symlink(real_std::path::absolute(yours)?, program.join("yours.rs"))?;
        }
        let text = with_whole_paths(&self.text, &beside);
        let at = first_item(&text);
        let copy = program.join(COPY);
        fs::write(
            &copy,
            format!("{}{front}{}{back}", &text[..at], &text[at..]),
        )?;
        Ok(copy)
    }

    /// The programs by name, each with how it ends as a `Result`.
    pub(super) fn back(&self) -> String {
        let programs = self
            .programs
            .iter()
            .map(|name| format!("({name:?}, || __own::begin({name})), "));
        let programs: String = programs.collect();
        format!("\n#[doc(hidden)] pub const __OWN: __own::Programs = &[{programs}];\n")
    }

    /// The file of the root, and of its module `yours`, in what the compiled program says of places.
    pub fn renamed(&self, words: &str, program: &Path) -> String {
        let names = self.names(program).into_iter();
        names.fold(words.to_owned(), |words, name| {
            words.replace(&name.compiled, &name.shown)
        })
    }

    /// How the files are called that are compiled in `program`.
    pub(super) fn names(&self, program: &Path) -> Vec<Name> {
        let name = |compiled: &Path, shown: &str| Name {
            compiled: compiled.to_string_lossy().into_owned(),
            shown: shown.to_owned(),
        };
        let shown = match self.yours {
            Some(_) => self.shown.as_str(),
            None => "",
        };
        let mut names = vec![name(&program.join(COPY), shown)];
        if let Some((_, shown)) = &self.yours {
            names.push(name(&program.join("yours.rs"), shown));
        }
        let beside = Path::new(&self.shown).with_file_name("");
        names.push(name(&program.join(""), &beside.to_string_lossy()));
        if let Ok(here) = here().canonicalize() {
            names.push(name(&here.join(""), ""));
        }
        // A module at a path: near the root, or elsewhere.
        let near = self.beside().canonicalize().unwrap_or_default();
        names.push(name(&near.join(""), &beside.to_string_lossy()));
        names.push(name(Path::new("/"), "/"));
        names
    }
}

/// Where the reader is: `just` runs recipes in the workspace.
pub fn here() -> PathBuf {
    env::var_os("HERE").map_or_else(|| ".".into(), PathBuf::from)
}

/// The names of `mod name;`, wherever it stands.
fn modules(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let code = line.split("//").next()?.trim().strip_suffix(';')?;
        let mut words = code.rsplit(char::is_whitespace);
        let name = words.next()?;
        (words.next() == Some("mod")).then_some(name)
    })
}

/// `#[path = "..."]` is about the place of the file, which the copy has left.
fn with_whole_paths(text: &str, beside: &Path) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let path = line.trim_start().strip_prefix("#[path = \"");
        let path = path.and_then(|rest| rest.split_once('"'));
        let whole = path.and_then(|(path, _)| beside.join(path).canonicalize().ok());
        match (path, whole) {
            (Some((path, _)), Some(whole)) => {
                line.replacen(&format!("\"{path}\""), &format!("{whole:?}"), 1)
            }
            _ => line.to_owned(),
        }
    });
    lines.collect()
}

/// Where the first item begins: behind inner attributes, and comments before them.
fn first_item(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let skipped = rest.len() - rest.trim_start().len();
        let rest = &rest[skipped..];
        let length = if rest.starts_with("//") && !rest.starts_with("///") {
            rest.find('\n').map_or(rest.len(), |end| end + 1)
        } else if rest.starts_with("#![") || (at == 0 && rest.starts_with("#!")) {
            let mut open = 0;
            let end = rest.find(|letter| {
                open += i32::from(letter == '[') - i32::from(letter == ']');
                letter == ']' && open == 0
            });
            end.map_or(rest.len(), |end| end + 1)
        } else if rest.starts_with("/*") && !rest.starts_with("/**") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else {
            return at + skipped;
        };
        at += skipped + length;
    }
}
