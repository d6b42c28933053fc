//! Compiles a program against the models.
//!
//! First the file is compiled as it is: what is wrong with it, rustc says in its own words. Then a
//! copy is compiled with `own` in the place of `std`. See [`Files::place`] for what the copy has
//! more.

use real_std::env;
use real_std::error::Error;
use real_std::ffi::OsString;
use real_std::fs;
use real_std::path::{Path, PathBuf};
use real_std::process::{Command, Stdio};

use serde::Deserialize;

use super::{Files, Folder, Name, Refused, words};

/// A program that can be run in every order.
#[derive(Debug)]
pub struct Compiled {
    /// The file to run.
    pub program: PathBuf,
    /// How its sources are called.
    pub names: Vec<Name>,
}

/// What a program is compiled with. The crates that these need are in the folder `deps` beside
/// the first.
#[derive(Debug)]
pub struct Libraries {
    own: PathBuf,
    model_parking_lot: PathBuf,
    /// The real one.
    parking_lot: PathBuf,
}

impl Libraries {
    /// Where programs are compiled.
    pub fn programs(&self) -> PathBuf {
        self.own.with_file_name("own-programs")
    }

    fn deps(&self) -> PathBuf {
        self.own.with_file_name("deps")
    }
}

/// The libraries, built if need be.
///
/// # Errors
///
/// If they do not compile.
pub fn libraries() -> Result<Libraries, Box<dyn Error>> {
    #[derive(Deserialize)]
    struct Built {
        target: Target,
        filenames: Vec<String>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--locked", "-p", "own"]);
    cargo.arg("--message-format=json");
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = cargo.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let messages = text.lines();
    let built: Vec<Built> = messages
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let library = |name: &str| {
        let built = built.iter().rfind(|built| built.target.name == name);
        let mut files = built.into_iter().flat_map(|built| &built.filenames);
        let library = files.find(|file| file.ends_with(".rlib"));
        library
            .map(PathBuf::from)
            .ok_or("the models cannot be built: see above")
    };
    Ok(Libraries {
        own: library("own")?,
        model_parking_lot: library("model_parking_lot")?,
        parking_lot: library("parking_lot")?,
    })
}

/// Compiles it into this folder.
///
/// # Errors
///
/// [`Refused`]; or if something cannot be read or written.
pub fn compile(
    files: &Files,
    folder: &Folder,
    libraries: &Libraries,
) -> Result<Compiled, Box<dyn Error>> {
    let folder = &folder.0;
    sound(files, folder, libraries)?;
    let (subject, shown) = match &files.yours {
        Some((path, shown)) => (fs::read_to_string(path)?, shown),
        None => (files.text.clone(), &files.shown),
    };
    words::refuse(&subject, shown)?;

    let program = folder.join("program");
    let names = files.names(&program);
    let (library, deps) = (&libraries.own, libraries.deps());
    let mut copy = rustc();
    copy.args(["--crate-type=rlib", "--crate-name=own_program"]);
    copy.args(["--cap-lints=allow", "-Copt-level=1", "--error-format=json"]);
    for std in ["std", "core", "alloc", "own"] {
        copy.arg("--extern").arg(is_at(std, library));
    }
    let model = &libraries.model_parking_lot;
    copy.arg("--extern").arg(is_at("parking_lot", model));
    copy.arg("-L").arg(is_at("dependency", &deps));
    copy.arg("--out-dir").arg(folder);
    let output = copy.arg(files.place(&program, true)?).output()?;
    if !output.status.success() {
        let messages = String::from_utf8_lossy(&output.stderr);
        return Err(Refused::NotModelled(words::not_modelled(&messages, &names, shown)).into());
    }

    let main = folder.join("run.rs");
    let text = "fn main() -> std::process::ExitCode { own::run(own_program::__OWN) }";
    fs::write(&main, text)?;
    let mut run = rustc();
    run.args(["-Copt-level=1", "--crate-name=run"]);
    run.arg("--extern").arg(is_at("own", library));
    let copy = folder.join("libown_program.rlib");
    run.arg("--extern").arg(is_at("own_program", &copy));
    for deps in [&deps, folder] {
        run.arg("-L").arg(is_at("dependency", deps));
    }
    let program = folder.join("run");
    match run.arg("-o").arg(&program).arg(main).status()?.success() {
        true => Ok(Compiled { program, names }),
        false => Err("it cannot be linked: see above".into()),
    }
}

/// Whether it compiles with the real `std` and `parking_lot`.
fn sound(files: &Files, folder: &Path, libraries: &Libraries) -> Result<(), Box<dyn Error>> {
    let check = |file: &Path, kind: &str| {
        let mut check = rustc();
        check.args(["--crate-name=own_program", "--emit=metadata", kind]);
        check.arg("-o").arg(folder.join("check")).arg(file);
        let real = &libraries.parking_lot;
        check.arg("--extern").arg(is_at("parking_lot", real));
        check.arg("-L").arg(is_at("dependency", &libraries.deps()));
        check.args(["--cap-lints=warn", "-Aunused"]);
        check
    };
    let Some((yours, shown)) = &files.yours else {
        return match check(&files.root, "--crate-type=bin").status()?.success() {
            true => Ok(()),
            false => Err(Refused::Broken.into()),
        };
    };
    let program = folder.join("plain");
    let copy = files.place(&program, false)?;
    let mut check_of_both = check(&copy, "--crate-type=rlib");
    let output = check_of_both
        .args(["--error-format=json", "-Adead_code"])
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    // What is wrong with the file alone is said by rustc, with its path.
    if !check(yours, "--crate-type=rlib").status()?.success() {
        return Err(Refused::Broken.into());
    }
    let messages = String::from_utf8_lossy(&output.stderr);
    let line = words::missing(&messages, &files.names(&program), shown);
    Err(Refused::Missing(line).into())
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
