//! Compiles a program against the models.
//!
//! First the file is compiled as it is: what is wrong with it, rustc says in its own words. Then a
//! copy is compiled with `own` in the place of `std`. See [`Files::place`] for what the copy has
//! more.

use real_std::collections::HashMap;
use real_std::env;
use real_std::error::Error;
use real_std::ffi::OsString;
use real_std::fs;
use real_std::io::{self, IsTerminal, Write};
use real_std::path::{Path, PathBuf};
use real_std::process::{Command, Stdio};

use serde::Deserialize;

use super::files::FRONT;
use super::{Files, Folder, Name, Refused, words};

/// A program that can be run in every order.
#[derive(Debug)]
pub struct Compiled {
    /// The file to run.
    pub program: PathBuf,
    /// How its sources are called.
    pub names: Vec<Name>,
}

/// What programs are compiled with: libraries by name, each with its file.
#[derive(Debug)]
pub struct Libraries(HashMap<String, PathBuf>);

impl Libraries {
    /// Those of this package, and those that it needs, built if need be.
    ///
    /// # Errors
    ///
    /// If cargo cannot be run, or does not say.
    pub fn of(package: &str) -> Result<Self, Box<dyn Error>> {
        #[derive(Deserialize)]
        struct Built {
            target: Target,
            filenames: Vec<PathBuf>,
        }
        #[derive(Deserialize)]
        struct Target {
            name: String,
        }
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--locked", "-p", package]);
        cargo.arg("--message-format=json");
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        let output = cargo.stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err(format!("the search itself cannot be built: see above ({package})").into());
        }
        let messages = String::from_utf8(output.stdout)?;
        let built = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Built>(line).ok());
        let libraries = built.filter_map(|built| {
            let mut files = built.filenames.into_iter();
            let library = files.find(|file| file.extension().is_some_and(|it| it == "rlib"))?;
            Some((built.target.name, library))
        });
        Ok(Self(libraries.collect()))
    }

    /// The file of this library.
    ///
    /// # Errors
    ///
    /// If it was not built.
    pub fn get(&self, name: &str) -> Result<&Path, String> {
        let library = self.0.get(name).map(PathBuf::as_path);
        library.ok_or_else(|| format!("the library '{name}' cannot be built: see above"))
    }
}

/// Compiles it into this folder: as it is with the libraries of `real`, and then against the
/// models.
///
/// # Errors
///
/// [`Refused`]; or if something cannot be read or written.
pub fn compile(
    files: &Files,
    folder: &Folder,
    libraries: &Libraries,
    real: &[(&str, &Path)],
) -> Result<Compiled, Box<dyn Error>> {
    let folder = &folder.0;
    let library = libraries.get("own")?;
    sound(files, folder, real)?;
    let (subject, shown) = match &files.yours {
        Some((path, shown)) => (fs::read_to_string(path)?, shown),
        None => (files.text.clone(), &files.shown),
    };
    words::refuse(&subject, shown)?;

    let program = folder.join("program");
    let names = files.names(&program);
    let deps = deps(library);
    let mut copy = rustc();
    copy.args(["--crate-type=rlib", "--crate-name=own_program"]);
    copy.args(["--cap-lints=allow", "--error-format=json"]);
    for std in ["std", "core", "alloc", "own"] {
        copy.arg("--extern").arg(is_at(std, library));
    }
    let parking_lot = libraries.get("model_parking_lot")?;
    copy.arg("--extern").arg(is_at("parking_lot", parking_lot));
    copy.arg("-L").arg(is_at("dependency", &deps));
    copy.arg("--out-dir").arg(folder);
    let output = copy
        .arg(files.place(&program, FRONT, &files.back())?)
        .output()?;
    if !output.status.success() {
        let messages = String::from_utf8_lossy(&output.stderr);
        return Err(Refused::NotModelled(words::not_modelled(&messages, &names, shown)).into());
    }

    let main = folder.join("run.rs");
    let text = "fn main() -> std::process::ExitCode { own::run(own_program::__OWN) }";
    fs::write(&main, text)?;
    let mut run = rustc();
    run.args(["--crate-name=run"]);
    run.arg("--extern").arg(is_at("own", library));
    let copy = folder.join("libown_program.rlib");
    run.arg("--extern").arg(is_at("own_program", &copy));
    for deps in [&deps, folder] {
        run.arg("-L").arg(is_at("dependency", deps));
    }
    let program = folder.join("run");
    match heard(run.arg("-o").arg(&program).arg(main))? {
        true => Ok(Compiled { program, names }),
        false => Err("it cannot be linked: see above".into()),
    }
}

/// Compiles it as it is, with these libraries and this `main`.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_plain(
    files: &Files,
    folder: &Folder,
    externs: &[(&str, &Path)],
    main: &str,
) -> Result<PathBuf, Box<dyn Error>> {
    sound(files, &folder.0, externs)?;
    let copy = files.place(&folder.0.join("program"), "", main)?;
    let program = folder.0.join("run");
    let mut run = rustc();
    run.args(["--crate-name=run", "--cap-lints=allow"]);
    with(&mut run, externs);
    match heard(run.arg("-o").arg(&program).arg(copy))? {
        true => Ok(program),
        false => Err("it cannot be linked: see above".into()),
    }
}

/// Where the libraries are that this one needs: beside it, or in the folder beside it.
fn deps(library: &Path) -> PathBuf {
    let folder = library.with_file_name("");
    match folder.ends_with("deps") {
        true => folder,
        false => folder.join("deps"),
    }
}

/// Adds libraries to a call of rustc.
fn with(rustc: &mut Command, externs: &[(&str, &Path)]) {
    for (name, library) in externs {
        rustc.arg("--extern").arg(is_at(name, library));
        rustc.arg("-L").arg(is_at("dependency", &deps(library)));
    }
}

/// Whether it compiles with the real `std`, and these libraries.
fn sound(files: &Files, folder: &Path, externs: &[(&str, &Path)]) -> Result<(), Box<dyn Error>> {
    let check = |file: &Path, kind: &str| {
        let mut check = rustc();
        with(&mut check, externs);
        check.args(["--crate-name=own_program", "--emit=metadata", kind]);
        check.arg("-o").arg(folder.join("check")).arg(file);
        check.args(["--cap-lints=warn", "-Aunused"]);
        check
    };
    let Some((yours, shown)) = &files.yours else {
        let mut check = check(&files.root, "--crate-type=bin");
        return match heard(called(&mut check, &files.root, &files.shown))? {
            true => Ok(()),
            false => Err(Refused::Broken.into()),
        };
    };
    let program = folder.join("plain");
    let copy = files.place(&program, "", "")?;
    let mut check_of_both = check(&copy, "--crate-type=rlib");
    let output = check_of_both
        .args(["--error-format=json", "-Adead_code"])
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    // What is wrong with the file alone is said by rustc, with its path.
    let mut check = check(yours, "--crate-type=rlib");
    if !heard(called(&mut check, yours, shown))? {
        return Err(Refused::Broken.into());
    }
    let messages = String::from_utf8_lossy(&output.stderr);
    let line = words::missing(&messages, &files.names(&program), shown);
    Err(Refused::Missing(line).into())
}

/// Runs it, and then says what it has said. Whether it has succeeded. (After Ctrl-C there is nothing to
/// be said: this process has ended, too.)
fn heard(rustc: &mut Command) -> io::Result<bool> {
    if io::stderr().is_terminal() {
        rustc.arg("--color=always");
    }
    let output = rustc.output()?;
    io::stderr().write_all(&output.stderr)?;
    Ok(output.status.success())
}

/// Lets rustc call a file as the reader does.
fn called<'a>(rustc: &'a mut Command, path: &Path, shown: &str) -> &'a mut Command {
    let mut from_to = OsString::from("--remap-path-prefix=");
    from_to.push(path);
    from_to.push("=");
    from_to.push(shown);
    rustc.arg(from_to)
}

fn rustc() -> Command {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition", "2024"]);
    rustc
}

/// `name=path`, in any letters.
fn is_at(name: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(format!("{name}="));
    argument.push(path);
    argument
}
