//! The judge that runs the programs as they are: with processes that are killed, or under a
//! clock that is paused.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use proofs::own::{Files, Folder, Libraries, compile_plain};

use crate::judge::count;
use crate::{Exercise, Judge, Judged, Verdict};

/// A program that takes longer hangs. None should take more than a second or two; a machine may
/// be busy.
const LIMIT: Duration = Duration::from_secs(20);

/// Judges a submission.
///
/// # Errors
///
/// If it cannot be compiled, read or run.
pub fn judge(
    exercise: &Exercise,
    files: &Files,
    folder: &Folder,
    libraries: &Libraries,
) -> Result<Judged, Box<dyn Error>> {
    let paused = exercise.task.judge == Judge::Clock;
    let externs = match paused {
        true => vec![("tokio", libraries.get("tokio")?)],
        false => Vec::new(),
    };
    let binary = compile_plain(files, folder, &externs, &main(&files.programs, paused))?;
    let mut seen = BTreeSet::new();
    let mut evidence = String::new();
    for program in &files.programs {
        let start = Instant::now();
        let (end, printed) = run(&binary, program)?;
        if let Err(why) = end {
            let why = files.renamed(&why, &folder.0.join("program"));
            return Ok(Judged {
                verdict: match why.split_once(": too slow: ") {
                    Some((_, what)) => Verdict::TooSlow(format!("{program}: {what}")),
                    None => Verdict::Breaks(format!("{program} {why}")),
                },
                evidence: match printed.is_empty() {
                    true => String::new(),
                    false => format!("{program} has printed by then:\n{printed}"),
                },
            });
        }
        let took = start.elapsed().as_secs_f64();
        let said: Vec<_> = printed.lines().collect();
        let said = match said.is_empty() {
            true => String::new(),
            false => format!(" ({})", said.join(" | ")),
        };
        evidence += &match paused {
            true => format!("{program}: ends well{said}\n"),
            false => format!("{program}: ends well, in {took:.1} s{said}\n"),
        };
        seen.extend(printed.lines().map(str::to_owned));
    }
    let missing = exercise.task.missing(&seen);
    let verdict = match missing {
        Some((line, what)) => {
            evidence += &format!("no program prints \"{line}\"\n");
            Verdict::on_missing(what)
        }
        None => {
            let programs = files.programs.len() as u64;
            let each = match programs {
                1 => "the program ran once".to_owned(),
                _ => format!("each of the {programs} programs ran once"),
            };
            evidence += &match paused {
                true => format!(
                    "A test on a paused clock, not a proof: {each}, with these waits only.\n"
                ),
                false => format!(
                    "A test with real processes, not a proof: {each}; another run can take another order.\n"
                ),
            };
            Verdict::Holds
        }
    };
    Ok(Judged { verdict, evidence })
}

/// The `main` of the judge: runs the program that its argument names. A panic is told in one
/// line: its place and its words. When the judge is gone, its end of standard input closes, and what
/// was started ends: the process that was started with a second argument sees to that.
fn main(programs: &[String], paused: bool) -> String {
    let arm = |name: &String| match paused {
        true => format!("{name:?} => __runtime().block_on({name}()), "),
        false => format!("{name:?} => {name}(), "),
    };
    let arms: String = programs.iter().map(arm).collect();
    let runtime = match paused {
        true => {
            "fn __runtime() -> tokio::runtime::Runtime { \
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true)\
            .build().unwrap() }"
        }
        false => "",
    };
    format!(
        "\n{runtime}\nfn main() {{\n\
        if std::env::args().nth(2).is_some() {{ std::thread::spawn(|| {{\n\
            let _ = std::io::Read::read(&mut std::io::stdin(), &mut [0]);\n\
            let _ = std::process::Command::new(\"kill\").args([\"-KILL\", \"0\"]).status();\n\
        }}); }}\n\
        std::panic::set_hook(Box::new(|panic| {{\n\
            let place = panic.location().unwrap();\n\
            let words = panic.payload_as_str().unwrap_or(\"no message\").replace('\\n', \";\");\n\
            let words: String = words.chars().take(1_000).collect();\n\
            eprintln!(\"panics, {{}}:{{}}: {{words}}\", place.file(), place.line());\n\
        }}));\n\
        match std::env::args().nth(1).unwrap().as_str() {{ {arms} _ => panic!() }}\n}}\n"
    )
}

/// Whether the program ends well, or how it ends; and what it has printed.
fn run(binary: &Path, program: &str) -> io::Result<(Result<(), String>, String)> {
    let mut command = Command::new(binary);
    // A group of its own: what it starts can be found, and ended.
    command.args([program, "judged"]).process_group(0);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let _open = child.stdin.take();
    let (mut output, mut errors) = (child.stdout.take(), child.stderr.take());
    let output = thread::spawn(move || read(output.as_mut()));
    let errors = thread::spawn(move || read(errors.as_mut()));
    let ended = wait(&mut child)?;
    let left = group(child.id());
    for process in &left {
        let _ = Command::new("kill")
            .args(["-KILL", &process.to_string()])
            // It may be gone by now.
            .stderr(Stdio::null())
            .status();
    }
    if ended.is_none() {
        child.wait()?;
    }
    let (output, errors) = (
        output.join().unwrap_or_default(),
        errors.join().unwrap_or_default(),
    );
    let panicked = errors.lines().find(|line| line.starts_with("panics, "));
    let end = match (ended, panicked) {
        (None, _) => Err(format!("hangs: it has no end after {} s", LIMIT.as_secs())),
        (Some(status), _) if status.success() && left.is_empty() => Ok(()),
        (Some(_), Some(words)) => Err(words.to_owned()),
        (Some(status), None) if !status.success() => Err(match status.signal() {
            Some(signal) => format!("is ended by signal {signal}"),
            None => format!("ends with {status}"),
        }),
        (Some(_), None) => {
            let left = count(left.len() as u64, "process", "processes");
            Err(format!("leaves {left} behind"))
        }
    };
    Ok((end, output))
}

fn wait(child: &mut Child) -> io::Result<Option<std::process::ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok(None)
}

fn read(from: Option<&mut impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        let _ = from.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The living processes of a group.
fn group(leader: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let in_group = |process: &u32| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // Behind the name: state, parent, group.
        let Some((_, fields)) = stat.rsplit_once(") ") else {
            return false;
        };
        let fields: Vec<_> = fields.split(' ').collect();
        fields.first() != Some(&"Z") && fields.get(2) == Some(&leader.to_string().as_str())
    };
    processes.filter(in_group).collect()
}
