//! Every lesson in surroundings that are not the usual ones: it works as always, or says in one
//! line what to change.

mod running;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use across::outputs::Varies;
use across::{lesson, lessons, read, root};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use regex_lite::Regex;
use running::{each_lesson, run, start};
use serde_json::Value;

struct Surrounding {
    name: &'static str,
    /// What bash does first; `$0` is the program, `$1` an empty folder.
    before: &'static str,
    /// How bash starts the program.
    start: &'static str,
    /// What the line on standard error has to name; if nothing, it has to work.
    advice: Option<&'static str>,
}

/// No server listens at port 9.
const PROXY: &str =
    "for name in http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY; do
    export $name=http://127.0.0.1:9; done; unset no_proxy NO_PROXY; exec \"$0\"";

const SURROUNDINGS: &[Surrounding] = &[
    works("proxies that are not there", "", PROXY),
    works(
        "a file that has been deleted",
        r#"cp "$0" "$1/program""#,
        r#"exec 3<"$1/program"; rm "$1/program"; exec -a "${0##*/}" /proc/self/fd/3"#,
    ),
    works(
        "a file that has been replaced",
        r#"cp "$0" "$1/program"; cp /bin/false "$1/other"; cp /bin/false "$1/program (deleted)""#,
        r#"exec 3<"$1/program"; mv "$1/other" "$1/program"; exec -a "${0##*/}" /proc/self/fd/3"#,
    ),
    works("stdin closed", "", r#"exec "$0" <&-"#),
    works("stdout closed", "", r#"exec "$0" >&-"#),
    works("stderr closed", "", r#"exec "$0" 2>&-"#),
    works("all three closed", "", r#"exec "$0" <&- >&- 2>&-"#),
    works("a folder as stdin", "", r#"exec "$0" <"$1""#),
    works("a session of its own", "", r#"exec setsid "$0""#),
    works(
        "a job in the background",
        "",
        r#"set -m; "$0" & { wait $!; } 2>/dev/null"#,
    ),
    advice(
        "SIGCHLD ignored",
        "",
        r#"exec env --ignore-signal=CHLD "$0""#,
        "SIGCHLD",
    ),
    advice("TMPDIR of 96 bytes", LONG_96, LONG, "TMPDIR"),
    advice("TMPDIR of 120 bytes", LONG_120, LONG, "TMPDIR"),
    advice(
        "TMPDIR that is not there",
        "",
        r#"TMPDIR=$1/none exec "$0""#,
        "TMPDIR",
    ),
    advice(
        "TMPDIR that takes no files",
        "",
        r#"TMPDIR=/proc exec "$0""#,
        "TMPDIR",
    ),
    advice(
        "TMPDIR that is a file",
        r#": >"$1/file""#,
        r#"TMPDIR=$1/file exec "$0""#,
        "TMPDIR",
    ),
    advice(
        "TMPDIR that is not UTF-8",
        r#"mkdir "$1/"$'\xff'"#,
        r#"TMPDIR="$1/"$'\xff' exec "$0""#,
        "TMPDIR",
    ),
];

const ABORT: &str = "panics that abort";

const LONG_96: &str = r#"mkdir "$1/$(printf '%0*d' $((95 - ${#1})) 0)""#;
const LONG_120: &str = r#"mkdir "$1/$(printf '%0*d' $((119 - ${#1})) 0)""#;
const LONG: &str = r#"TMPDIR=$(echo "$1"/0*) exec "$0""#;

/// Several at once, each of which has to change nothing.
const SEVERAL: Surrounding = works(
    "proxies, a deleted file, no stdin, a session of its own",
    r#"cp "$0" "$1/program""#,
    r#"export http_proxy=http://127.0.0.1:9 ALL_PROXY=http://127.0.0.1:9; unset no_proxy NO_PROXY
       exec 3<"$1/program"; rm "$1/program"
       exec setsid bash -c 'exec -a "${0##*/}" /proc/self/fd/3' "$0" <&-"#,
);

const fn works(name: &'static str, before: &'static str, start: &'static str) -> Surrounding {
    Surrounding {
        name,
        before,
        start,
        advice: None,
    }
}

const fn advice(
    name: &'static str,
    before: &'static str,
    start: &'static str,
    advice: &'static str,
) -> Surrounding {
    Surrounding {
        advice: Some(advice),
        ..works(name, before, start)
    }
}

impl Surrounding {
    /// The program in these surroundings, with all that is set for `ordinary`.
    fn command(&self, program: &OsStr, ordinary: &Command, folder: &Path) -> Command {
        let bash = |script: &str| {
            let mut bash = Command::new("bash");
            bash.args(["-c", script]).arg(program).arg(folder);
            bash
        };
        assert!(bash(self.before).status().unwrap().success());
        let mut command = bash(self.start);
        for (name, value) in ordinary.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.env("RUST_BACKTRACE", "0");
        command
    }

    /// What is wrong with the lesson here, if anything is.
    fn complaint(&self, program: &Path, usual: &Usual) -> Option<String> {
        let unseen = self.name == ABORT || self.start.contains(">&-");
        usual.complaint(unseen, self.advice, || {
            let folder = tempfile::tempdir().unwrap();
            let command = self.command(program.as_os_str(), &lesson(&usual.lesson), folder.path());
            let before = files(folder.path());
            let output = run(command);
            let left: Vec<_> = files(folder.path()).difference(&before).cloned().collect();
            assert!(left.is_empty(), "left behind: {left:?}");
            output
        })
    }
}

/// All that is in a folder.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        }
        files.insert(path);
    }
    files
}

/// What a lesson prints in its usual surroundings, and how that varies.
struct Usual {
    lesson: String,
    varies: Varies,
    output: String,
}

impl Usual {
    fn of(name: &str) -> Self {
        let chapter = read(format!("lessons/{name}/README.md"));
        let sentence = Regex::new(r"\*Varies from run to run: ([^*]+)\*").unwrap();
        let mut usual = Self {
            lesson: name.to_owned(),
            varies: Varies::new(&sentence.captures(&chapter).unwrap()[1]),
            output: String::new(),
        };
        let output = run(lesson(name));
        assert!(output.status.success(), "{name}: {output:?}");
        usual.output = usual.comparable(&output);
        usual
    }

    fn comparable(&self, output: &Output) -> String {
        let printed = String::from_utf8_lossy(&output.stdout);
        // A time in other words.
        let time = Regex::new("in the time of [0-9]+").unwrap();
        self.varies
            .comparable(&time.replace_all(&printed, "in time"))
    }

    /// What is wrong with runs of the lesson: how one ends, or that none of many prints what it
    /// usually does (not each of them has to: on a busy machine it may be late with something).
    fn complaint(
        &self,
        unseen: bool,
        advice: Option<&str>,
        run: impl Fn() -> Output,
    ) -> Option<String> {
        let mut differs = None;
        for _ in 0..8 {
            // A lesson that hangs or leaves something behind is a panic there.
            let output = match panic::catch_unwind(AssertUnwindSafe(&run)) {
                Ok(output) => output,
                Err(why) => return Some(format!("{:?}", why.downcast_ref::<String>())),
            };
            let told = String::from_utf8_lossy(&output.stderr);
            if !output.status.success() {
                let one_line = output.status.code() == Some(1) && told.lines().count() == 1;
                let right = one_line && advice.is_some_and(|advice| told.contains(advice));
                return (!right).then(|| format!("{}, {told:?}", output.status));
            }
            if !told.is_empty() {
                return Some(format!("it works, and says {told:?}"));
            }
            let printed = self.comparable(&output);
            if unseen || printed == self.output {
                return None;
            }
            let mut lines = self.output.lines().zip(printed.lines());
            let line = lines.find(|(usual, line)| usual != line);
            // It works, and where it cannot tell as much as usual, it says why.
            if line.is_some_and(|(_, line)| advice.is_some_and(|advice| line.contains(advice))) {
                return None;
            }
            differs = Some(format!("(usual, here): {line:?}"));
        }
        differs
    }
}

/// Checks every lesson against what it usually prints, and tells of all that is wrong at once.
fn each_usual(complaints: impl Fn(&Usual) -> Vec<String> + Sync) {
    let all = Mutex::new(Vec::new());
    each_lesson(|name| {
        let complaints = complaints(&Usual::of(name));
        let complaints = complaints.iter().map(|what| format!("{name}, {what}"));
        all.lock().unwrap().extend(complaints);
    });
    let mut all = all.into_inner().unwrap();
    all.sort();
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}

fn in_surroundings(usual: &Usual, program: &Path, surroundings: &[Surrounding]) -> Vec<String> {
    let mut complaints = Vec::new();
    for surrounding in surroundings {
        let complaint = surrounding.complaint(program, usual);
        complaints.extend(complaint.map(|what| format!("{}: {what}", surrounding.name)));
    }
    complaints
}

#[test]
fn several_odd_surroundings_at_once_change_nothing() {
    each_usual(|usual| in_surroundings(usual, &across::program(&usual.lesson), &[SEVERAL]));
}

#[test]
#[ignore = "takes minutes: `just check-all`"]
fn every_surrounding_changes_nothing_or_is_named() {
    each_usual(|usual| in_surroundings(usual, &across::program(&usual.lesson), SURROUNDINGS));
}

/// Stopped and continued, and told of other window sizes, hundreds of times a second: the lesson
/// and those of its children that are in its group.
#[test]
#[ignore = "takes minutes: `just check-all`"]
fn a_storm_of_signals_changes_nothing() {
    each_usual(|usual| {
        let complaint = usual.complaint(false, None, || {
            let mut command = lesson(&usual.lesson);
            command.process_group(0);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut running = start(command);
            let group = Pid::from_raw(running.child.id().try_into().unwrap());
            while running.child.try_wait().unwrap().is_none() {
                // Not waited for yet, so the id is still this child's.
                for signal in [Signal::SIGWINCH, Signal::SIGSTOP, Signal::SIGCONT] {
                    killpg(group, signal).unwrap();
                }
                thread::sleep(Duration::from_millis(2));
            }
            running.finish()
        });
        complaint.into_iter().collect()
    });
}

/// Built so that a panic ends the process: a lesson that shows one shows another end, or says
/// in a line that it cannot.
#[test]
#[ignore = "builds all lessons anew: `just check-all`"]
fn panics_that_abort_change_nothing_or_are_one_line() {
    let target = root().join("target/abort");
    let mut build = Command::new(cargo());
    build.args(["build", "--quiet", "--config", "profile.dev.panic='abort'"]);
    build.arg("--target-dir").arg(&target).current_dir(root());
    for lesson in lessons() {
        build.arg(format!("--package=lesson-{lesson}"));
    }
    assert!(build.status().unwrap().success());
    let surrounding = [advice(ABORT, "", "exec \"$0\"", "panic")];
    each_usual(|usual| {
        let program = target.join(format!("debug/lesson-{}", usual.lesson));
        in_surroundings(usual, &program, &surrounding)
    });
}

/// SIGCHLD is not among them: the tests themselves could not wait for what they start.
#[test]
#[ignore = "takes minutes: `just check-all`"]
fn every_lessons_claims_hold_in_every_surrounding() {
    let wanted = ["proxies", "stdin closed", "TMPDIR of 96", "a session"];
    let is_wanted = |it: &&Surrounding| wanted.iter().any(|name| it.name.starts_with(name));
    let surroundings: Vec<_> = SURROUNDINGS.iter().filter(is_wanted).collect();
    assert_eq!(surroundings.len(), wanted.len());
    let mut complaints = Vec::new();
    for (lesson, claims) in claims() {
        for surrounding in &surroundings {
            if lesson == "queue" && surrounding.name.starts_with("TMPDIR") {
                // It says so in a line, which its claims look for themselves.
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            let ordinary = Command::new(&claims);
            let command = surrounding.command(claims.as_os_str(), &ordinary, folder.path());
            // Claims that hang fail.
            let mut limited = Command::new("timeout");
            limited.args(["600", "bash"]).args(command.get_args());
            limited.current_dir(root().join("lessons").join(&lesson));
            let output = limited.env("RUST_BACKTRACE", "0").output().unwrap();
            if !output.status.success() {
                let told = [output.stdout, output.stderr].map(String::from_utf8);
                let told = told.map(|told| told.unwrap_or_default()).concat();
                let words = ["FAILED", "panicked", "lesson-", "error"];
                let is_why = |line: &&str| words.iter().any(|word| line.contains(word));
                let failed: Vec<_> = told.lines().filter(is_why).take(5).collect();
                let (name, status) = (surrounding.name, output.status);
                let last = told.lines().next_back().unwrap_or_default();
                complaints.push(format!(
                    "{lesson}, {name}: {status}: {failed:?}, at last: {last}"
                ));
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// The programs of all lessons' tests, as built with all others.
fn claims() -> BTreeMap<String, PathBuf> {
    let mut build = Command::new(cargo());
    build.args(["test", "--workspace", "--no-run", "--test=claims"]);
    build.args(["--quiet", "--message-format=json"]);
    let output = build.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let messages = String::from_utf8(output.stdout).unwrap();
    let built = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let folder = Path::new(message["manifest_path"].as_str()?).parent()?;
        let program = message["executable"].as_str()?;
        // The lesson itself is built as well.
        let claims = message["target"]["name"] == "claims";
        claims.then_some((folder.file_name()?.to_str()?.to_owned(), program.into()))
    });
    let built: BTreeMap<_, _> = built.collect();
    assert_eq!(built.len(), lessons().len());
    built
}

fn cargo() -> std::ffi::OsString {
    env::var_os("CARGO").unwrap_or("cargo".into())
}
