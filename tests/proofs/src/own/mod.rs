//! `just prove my.rs`: a reader's own file is compiled against the models, and run in every order.

mod compile;
mod files;
mod words;

use real_std::error::Error;
use real_std::ffi::{OsStr, OsString};
use real_std::fmt;
use real_std::fs;
use real_std::io::{self, Read, Write};
use real_std::os::unix::process::ExitStatusExt;
use real_std::path::{Path, PathBuf};
use real_std::process::{Command, ExitCode, ExitStatus};
use real_std::str::FromStr;

pub use compile::{Compiled, Libraries, compile, compile_plain};
pub use files::{Files, Folder, Name, here};
use serde::Serialize;

/// What is asked for.
#[derive(Debug)]
pub struct Asked {
    /// The file, or `-` for standard input.
    pub path: OsString,
    /// After so many seconds the search stops.
    pub budget: u64,
    /// Whether to run also what differs only by the order of steps on different things.
    pub all: bool,
    /// Only this schedule is run, and shown.
    pub schedule: Option<String>,
    /// What an access to an atomic can see; unless it is set, that is up to the orderings that the
    /// program names.
    pub memory: Option<Memory>,
}

/// What threads see of each other's writes: see [`interleave::Memory`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Memory {
    /// Each write, at once.
    Sc,
    /// What Rust allows.
    Rust,
}

impl FromStr for Memory {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "sc" => Ok(Self::Sc),
            "rust" => Ok(Self::Rust),
            _ => Err("it is 'sc' or 'rust'"),
        }
    }
}

impl From<Memory> for interleave::Memory {
    fn from(memory: Memory) -> Self {
        match memory {
            Memory::Sc => Self::SequentiallyConsistent,
            Memory::Rust => Self::Rust,
        }
    }
}

/// What the compiled program is told: the same as `own::run` reads.
#[derive(Debug, Serialize)]
pub struct Order<'a> {
    /// Which of its programs, if it has several; then the answer is TOML.
    pub program: Option<&'a str>,
    /// How its files are called.
    pub names: &'a [Name],
    /// The file, in words for the reader.
    pub shown: &'a str,
    /// Seconds.
    pub budget: u64,
    /// After so many seconds a search that has found a bad end stops.
    pub enough: u64,
    /// See [`Asked::all`].
    pub all: bool,
    /// See [`Asked::schedule`].
    pub schedule: Option<&'a str>,
    /// See [`Asked::memory`].
    pub memory: Option<Memory>,
}

/// Why a file is not searched.
#[derive(Debug)]
pub enum Refused {
    /// It does not compile; rustc has said why.
    Broken,
    /// It lacks what is used of it: in one line.
    Missing(String),
    /// It uses what the search does not know: in one line.
    NotModelled(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken => f.write_str("it does not compile"),
            Self::Missing(line) | Self::NotModelled(line) => f.write_str(line),
        }
    }
}

impl Error for Refused {}

/// Whether an argument of `just prove` means a file, and not a lesson.
pub fn is_file(argument: &OsStr) -> bool {
    let is_file = |it: &str| it == "-" || it.ends_with(".rs") || it.contains('/');
    argument.to_str().is_none_or(is_file)
}

/// Compiles and runs it. The status is that of the search: see `own::run`; 2 if it does not
/// come to that.
///
/// # Errors
///
/// In one line: what cannot be read, or is not modelled.
pub fn prove(asked: &Asked) -> Result<ExitCode, Box<dyn Error>> {
    run(asked, &[])
}

/// Compiles it, and lets the reader choose who takes each step. The status is 0, or 2 if it does
/// not come to that.
///
/// # Errors
///
/// In one line: what cannot be read, or is not modelled.
pub fn play(asked: &Asked) -> Result<ExitCode, Box<dyn Error>> {
    if asked.path == "-" {
        return Err("standard input is for your answers: name a file".into());
    }
    run(asked, &["play"])
}

fn run(asked: &Asked, how: &[&str]) -> Result<ExitCode, Box<dyn Error>> {
    let libraries = Libraries::of("own")?;
    let library = libraries.get("own")?;
    let real = [("parking_lot", libraries.get("parking_lot")?)];
    let folder = Folder::new(library)?;
    let (path, shown) = source(asked, &folder.0)?;
    let files = Files::of_program(&path, &shown)?;
    let compiled = match compile(&files, &folder, &libraries, &real) {
        Err(error) if matches!(error.downcast_ref(), Some(Refused::Broken)) => {
            return Ok(ExitCode::from(2));
        }
        compiled => compiled?,
    };
    let mut run = compiled.run(&Order {
        program: None,
        names: &compiled.names,
        shown: &shown,
        budget: asked.budget,
        enough: asked.budget,
        all: asked.all,
        schedule: asked.schedule.as_deref(),
        memory: asked.memory,
    })?;
    let status = run.args(how).status()?;
    match status.code() {
        Some(code) => Ok(ExitCode::from(u8::try_from(code).unwrap_or(2))),
        None => Err(ended(status).into()),
    }
}

/// Why a search was ended by a signal.
pub fn ended(status: ExitStatus) -> String {
    const SIGSEGV: i32 = 11;
    match status.signal() {
        Some(SIGSEGV) => "a thread overflows its stack, which has 128 KiB in the search: \
            does a function call itself without end?"
            .into(),
        _ => format!("the search was ended: {status}"),
    }
}

impl Compiled {
    /// The command that does what is ordered.
    ///
    /// # Errors
    ///
    /// If the order cannot be put in words.
    pub fn run(&self, order: &Order<'_>) -> Result<Command, Box<dyn Error>> {
        let mut run = Command::new(&self.program);
        run.arg(toml::to_string(order)?);
        Ok(run)
    }
}

/// The file, and its name in what is printed.
fn source(asked: &Asked, folder: &Path) -> Result<(PathBuf, String), Box<dyn Error>> {
    if asked.path == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text)?;
        let path = folder.join("standard-input.rs");
        fs::write(&path, text)?;
        return Ok((path, "standard-input.rs".into()));
    }
    let path = here().join(&asked.path);
    Ok((path, asked.path.to_string_lossy().into_owned()))
}

/// Says an error in one line.
pub fn complain(tool: &str, error: &dyn Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "{tool}: {error}");
    ExitCode::from(2)
}
