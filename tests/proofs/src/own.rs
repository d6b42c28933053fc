//! `just prove my.rs`: compiles a reader's own file against the models, and runs it in every
//! order.
//!
//! The file is first compiled as it is: what is wrong with it, rustc says in its own words. Then a
//! copy is compiled with `own` in the place of `std`. What the copy has more is a name for `own` in
//! front of its first item, on the same line, and a function behind its last line that calls
//! `main`; so all lines keep their numbers.

use real_std::error::Error;
use real_std::ffi::OsString;
use real_std::io::{self, Read, Write};
use real_std::path::{Path, PathBuf};
use real_std::process::{Command, ExitCode, Stdio};
use real_std::{env, fs};

use serde::Deserialize;

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
}

/// The name of the copy: steps in it are those of the reader's file.
const COPY: &str = "own-program.rs";
const FRONT: &str = "#[macro_use] extern crate own as __own; ";
const BACK: &str = "\n#[doc(hidden)] pub fn __own_main() -> ::core::result::Result<(), ::std::string::String> { \
    __own::MainEnd::end(main()) }\n";

/// Whether an argument of `just prove` means a file, and not a lesson.
pub fn is_file(argument: &str) -> bool {
    argument == "-" || argument.ends_with(".rs") || argument.contains('/')
}

/// Compiles and runs it. The status is that of the search: see [`own::run`]; 2 if it does not
/// come to that.
///
/// # Errors
///
/// In one line: what cannot be read, or is not modelled.
pub fn prove(asked: &Asked) -> Result<ExitCode, Box<dyn Error>> {
    let library = library()?;
    let folder = Folder::new(&library.with_file_name("own-programs"))?;
    let (path, name) = source(asked, &folder.0)?;
    let text =
        fs::read_to_string(&path).map_err(|error| format!("cannot read '{name}': {error}"))?;
    if !is_sound(&path, &folder.0)? {
        return Ok(ExitCode::from(2));
    }
    refuse(&text, &name)?;
    copy(&path, &text, &folder.0)?;
    compile(&folder.0, &library, &name)?;
    let mut run = Command::new(folder.0.join("run"));
    run.arg(&path).arg(&name).arg(asked.budget.to_string());
    run.arg(if asked.all { "all" } else { "reduced" });
    run.args(&asked.schedule);
    let status = run.status()?.code().unwrap_or(2);
    Ok(ExitCode::from(u8::try_from(status).unwrap_or(2)))
}

/// A folder for what is compiled, among what cargo has built. It is removed in the end; if this
/// process is killed, the next one removes it.
struct Folder(PathBuf);

impl Folder {
    fn new(all: &Path) -> io::Result<Self> {
        fs::create_dir_all(all)?;
        for folder in fs::read_dir(all)? {
            let folder = folder?;
            let process = Path::new("/proc").join(folder.file_name());
            if !process.exists() {
                let _ = fs::remove_dir_all(folder.path());
            }
        }
        let folder = all.join(real_std::process::id().to_string());
        fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
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
    // Where the reader is: `just` runs recipes in the workspace.
    let here = env::var_os("HERE").map_or_else(PathBuf::new, PathBuf::from);
    let path = here.join(&asked.path);
    Ok((path, asked.path.to_string_lossy().into_owned()))
}

fn rustc() -> Command {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition", "2024"]);
    rustc
}

/// Whether the file compiles as it is. If not, rustc has said why.
fn is_sound(path: &Path, folder: &Path) -> Result<bool, Box<dyn Error>> {
    let mut check = rustc();
    check.args([
        "--crate-type=bin",
        "--crate-name=own_program",
        "--emit=metadata",
    ]);
    check.arg("-o").arg(folder.join("check")).arg(path);
    check.args(["--cap-lints=warn", "-Aunused"]);
    Ok(check.status()?.success())
}

/// What compiles, but is not seen by the search.
fn refuse(text: &str, name: &str) -> Result<(), Box<dyn Error>> {
    let ways = [
        ("static mut ", "use an atomic, or a Mutex in a static"),
        ("extern crate", "use paths that begin with `std`"),
        ("no_std", "the search needs `std`"),
        ("asm!", "the search does not see assembly"),
    ];
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or("");
        if let Some((way, instead)) = ways.iter().find(|(way, _)| code.contains(way)) {
            let way = way.trim();
            return Err(format!(
                "{name}:{}: `{way}` cannot be searched: {instead}",
                number + 1
            )
            .into());
        }
    }
    Ok(())
}

/// Copies the file, and what lies beside it.
fn copy(path: &Path, text: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let program = folder.join("program");
    fs::create_dir(&program)?;
    let beside = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new("."));
    for module in modules(text) {
        for file in [format!("{module}.rs"), format!("{module}/mod.rs")] {
            if let Ok(text) = fs::read_to_string(beside.join(&file)) {
                let to = program.join(&file);
                fs::create_dir_all(to.parent().unwrap_or(&program))?;
                fs::write(to, text)?;
            }
        }
    }
    let at = first_item(text);
    let copy = format!("{}{FRONT}{}{BACK}", &text[..at], &text[at..]);
    Ok(fs::write(program.join(COPY), copy)?)
}

/// The names of `mod name;`.
fn modules(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim().strip_suffix(';')?;
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ").map(str::trim)
    })
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
            rest.find(']').map_or(rest.len(), |end| end + 1)
        } else if rest.starts_with("/*") && !rest.starts_with("/**") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else {
            return at + skipped;
        };
        at += skipped + length;
    }
}

/// The library `own`, built if need be, and the folder of those that it needs.
fn library() -> Result<PathBuf, Box<dyn Error>> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([
        "build",
        "--quiet",
        "--locked",
        "-p",
        "own",
        "--message-format=json",
    ]);
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = cargo.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Built>(line).ok());
    let built = messages.rev().find(|built| built.target.name == "own");
    let files = built.map(|built| built.filenames).unwrap_or_default();
    let library = files.into_iter().find(|file| file.ends_with(".rlib"));
    Ok(library
        .ok_or("the models cannot be built: see above")?
        .into())
}

#[derive(Deserialize)]
struct Built {
    target: Target,
    filenames: Vec<String>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Compiles the copy, and the program that searches it.
fn compile(folder: &Path, library: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    let deps = library.with_file_name("deps");
    let program = folder.join("program");
    let mut copy = rustc();
    copy.args([
        "--crate-type=rlib",
        "--crate-name=own_program",
        "--cap-lints=allow",
    ]);
    copy.args(["-Copt-level=1", "--error-format=json"]);
    for std in ["std", "core", "alloc", "own"] {
        copy.arg("--extern").arg(extern_of(std, library));
    }
    copy.arg("-L").arg(dependency(&deps));
    copy.arg("--out-dir").arg(folder).arg(program.join(COPY));
    let output = copy.output()?;
    if !output.status.success() {
        return Err(not_modelled(&String::from_utf8_lossy(&output.stderr), name).into());
    }
    let main = folder.join("run.rs");
    fs::write(
        &main,
        "fn main() -> std::process::ExitCode { own::run(own_program::__own_main) }",
    )?;
    let mut run = rustc();
    run.args(["-Copt-level=1", "--crate-name=run"]);
    run.arg("--extern").arg(extern_of("own", library));
    let copy = folder.join("libown_program.rlib");
    run.arg("--extern").arg(extern_of("own_program", &copy));
    run.arg("-L")
        .arg(dependency(&deps))
        .arg("-L")
        .arg(dependency(folder));
    run.arg("-o").arg(folder.join("run")).arg(main);
    match run.status()?.success() {
        true => Ok(()),
        false => Err("it cannot be linked: see above".into()),
    }
}

fn extern_of(name: &str, library: &Path) -> OsString {
    let mut argument = OsString::from(format!("{name}="));
    argument.push(library);
    argument
}

fn dependency(folder: &Path) -> OsString {
    let mut argument = OsString::from("dependency=");
    argument.push(folder);
    argument
}

#[derive(Deserialize)]
struct Message {
    level: String,
    message: String,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    is_primary: bool,
    text: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    text: String,
    highlight_start: usize,
    highlight_end: usize,
}

/// The first thing that compiles with `std`, and not with the models.
fn not_modelled(messages: &str, name: &str) -> String {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let mut errors = messages.filter(|message| message.level == "error");
    let Some(error) = errors.next() else {
        return format!("{name} cannot be searched");
    };
    let span = error.spans.iter().find(|span| span.is_primary);
    let Some(span) = span else {
        return format!("{name} cannot be searched: {}", error.message);
    };
    let file = match span.file_name.ends_with(COPY) {
        true => name,
        false => span.file_name.as_str(),
    };
    let what = span.text.first().map_or(String::new(), |line| {
        let letters = line.text.chars();
        let length = line.highlight_end.saturating_sub(line.highlight_start);
        let what: String = letters
            .skip(line.highlight_start - 1)
            .take(length)
            .collect();
        what
    });
    let instead = instead(&format!("{what} {}", error.message));
    format!(
        "{file}:{}: `{what}` is not modelled{instead}",
        span.line_start
    )
}

/// What to do instead.
fn instead(what: &str) -> &'static str {
    let advice = [
        (
            &["Instant", "SystemTime", "elapsed"][..],
            ": times differ from run to run; leave out the clock",
        ),
        (
            &["fs", "File", "net", "Tcp", "Udp", "Unix"],
            ": files and sockets differ from run to run; use a channel or a value",
        ),
        (
            &["env", "args"],
            ": what comes from outside differs from run to run; write it into the program",
        ),
        (
            &["Command", "process", "abort", "exit"],
            ": processes cannot be searched; use a thread",
        ),
        (
            &["stdin", "stdout", "stderr"],
            ": use println!, and values instead of input",
        ),
        (
            &["rand", "RandomState"],
            ": chance cannot be searched; try all values in a loop",
        ),
    ];
    let found = advice
        .iter()
        .find(|(words, _)| words.iter().any(|word| what.contains(word)));
    found.map_or("", |(_, advice)| advice)
}

/// Says an error in one line.
pub fn complain(error: &dyn Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "just prove: {error}");
    ExitCode::from(2)
}
