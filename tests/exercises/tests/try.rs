//! `just try`, as a reader uses it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use exercises::Verdict;
use tempfile::TempDir;

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_try"));
    command.args(arguments).env("TRY_FOLDER", folder);
    command.stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What it says with this status, and on standard error.
fn said(folder: &TempDir, arguments: &[&str], status: i32) -> (String, String) {
    let Output {
        stdout,
        stderr,
        status: ended,
    } = command(folder.path(), arguments).output().unwrap();
    let (output, errors) = (text(&stdout), text(&stderr));
    assert_eq!(
        ended.code(),
        Some(status),
        "{arguments:?}: {output}{errors}"
    );
    (output, errors)
}

fn of_lock_1(file: &str) -> String {
    let lock_1 = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../lessons/lock/exercises/lock-1"
    );
    fs::read_to_string(format!("{lock_1}/{file}")).unwrap()
}

#[test]
fn an_exercise_from_its_first_verdict_to_the_solution() {
    let folder = tempfile::tempdir().unwrap();
    let state = |state: &str| {
        let (list, _) = said(&folder, &[], 0);
        let line = list
            .lines()
            .find(|line| line.starts_with("lock-1 "))
            .unwrap();
        assert!(line.ends_with(state), "{line}");
    };
    state("  not begun");

    let (verdict, _) = said(&folder, &["lock-1"], 1);
    for part in [
        "lock-1.rs (new)",
        "\nBREAKS: two_tills panics",
        "of 10 schedules end badly",
        "lock-1.rs:26",
    ] {
        assert!(verdict.contains(part), "'{part}' is not in {verdict}");
    }
    let mine = folder.path().join("lock-1.rs");
    assert_eq!(fs::read_to_string(&mine).unwrap(), of_lock_1("start.rs"));
    state("  breaks");

    let (_, error) = said(&folder, &["lock-1", "--solution"], 2);
    assert_eq!(error, "just try: yours has not held yet: just try lock-1\n");
    assert!(
        verdict.contains("\nWhat to do: Read the line that panics: what does it expect?"),
        "{verdict}"
    );
    for hint in ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"] {
        assert!(said(&folder, &["lock-1", "--hint"], 0).0.starts_with(hint));
    }

    let solved =
        of_lock_1("solution.rs").replace("*balance -= amount", "*balance = *balance - amount");
    fs::write(&mine, &solved).unwrap();
    state("  changed since it was judged");
    let (verdict, _) = said(&folder, &["lock-1"], 0);
    assert!(verdict.contains("\nHOLDS\n"), "{verdict}");
    let covered = "all schedules that can differ were run. None has more than 3 threads, and 2 steps of a thread.";
    assert!(verdict.contains(covered), "{verdict}");
    // It is never written over.
    assert_eq!(fs::read_to_string(&mine).unwrap(), solved);
    state("  holds");
    let (solution, _) = said(&folder, &["lock-1", "--solution"], 0);
    assert!(
        solution.contains("-        *balance = *balance - amount;\n+        *balance -= amount;\n")
    );

    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 2, "the file, and how far the reader is");
}

/// Without the orderings there is no fault to find: such a verdict says nothing of the exercise.
#[test]
fn a_verdict_with_another_memory_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let race_5 = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../lessons/race/exercises/race-5"
    );
    let mine = folder.path().join("race-5.rs");
    fs::copy(format!("{race_5}/wrong/relaxed.rs"), &mine).unwrap();
    let (verdict, _) = said(&folder, &["race-5"], 1);
    assert!(
        verdict.contains("1 of 3 executions ends badly"),
        "{verdict}"
    );
    let (verdict, _) = said(&folder, &["race-5", "--memory", "sc"], 0);
    assert!(verdict.contains("all 2 schedules end well"), "{verdict}");
    let (list, _) = said(&folder, &[], 0);
    let line = list.lines().find(|line| line.starts_with("race-5 "));
    assert!(line.unwrap().ends_with("  breaks"), "{list}");
    for arguments in [
        &["race-5", "--hint", "--memory", "sc"],
        &["pipe-1", "--watch", "--memory", "sc"],
    ] {
        let (_, error) = said(&folder, arguments, 2);
        assert_eq!(
            error,
            "just try: --memory is for a verdict that comes from all orders\n"
        );
    }
}

#[test]
fn it_is_judged_again_when_it_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let mut watch = command(folder.path(), &["lock-1", "--watch"]);
    let mut watch = watch.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("BREAKS")));
    assert!(lines.any(|line| line.starts_with("-- waiting")));
    let mine = folder.path().join("lock-1.rs");
    let start = Instant::now();
    fs::write(&mine, of_lock_1("solution.rs")).unwrap();
    assert!(lines.any(|line| line == "HOLDS"));
    // From the save to the verdict: a few times what rustc alone takes. Nothing else is built anew.
    let (verdict, start) = (start.elapsed(), Instant::now());
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", "2024", "-o"]);
    let rustc = rustc.arg(folder.path().join("out")).arg(&mine).status();
    assert!(rustc.unwrap().success());
    let rustc = start.elapsed();
    assert!(verdict < 10 * rustc, "{verdict:?}, rustc: {rustc:?}");
    // It ends when its output is closed, at the latest when it wants to say more.
    drop(lines);
    fs::write(folder.path().join("lock-1.rs"), of_lock_1("start.rs")).unwrap();
    assert!(watch.wait().unwrap().success());
}

/// What a submission has started ends with the judge, even if that is killed.
#[test]
fn a_killed_judge_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    // A process of a name that no other test has.
    let seconds = format!("86{}.25", std::process::id());
    let is_there = || {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        processes.into_iter().any(|process| {
            let words = fs::read(process.path().join("cmdline")).unwrap_or_default();
            words == format!("sleep\0{seconds}\0").into_bytes()
        })
    };
    let within = |seconds: u64, expected: bool| {
        let start = Instant::now();
        while is_there() != expected && start.elapsed() < Duration::from_secs(seconds) {
            thread::yield_now();
        }
        is_there() == expected
    };
    let submission = "use std::{io, process::Command, time::Duration};\n\
        pub fn run(_: &mut Command, _: Duration) -> io::Result<Option<i32>> {\n    \
        let status = Command::new(\"sleep\").arg(\"SECONDS\").status()?;\n    Ok(status.code())\n}\n";
    let file = folder.path().join("processes-1.rs");
    fs::write(file, submission.replace("SECONDS", &seconds)).unwrap();
    let mut judge = command(folder.path(), &["processes-1"]);
    let mut judge = judge.stdout(Stdio::null()).spawn().unwrap();
    // The judge's own limit is 20 s: it has to be killed before.
    assert!(within(60, true), "it was not started");
    judge.kill().unwrap();
    judge.wait().unwrap();
    assert!(within(10, false), "it is still there");
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("lock-1.rs");
    let shown = mine.display().to_string();
    let judged = |from: &str, to: &str| {
        fs::write(&mine, of_lock_1("solution.rs").replace(from, to)).unwrap();
        let (output, errors) = said(&folder, &["lock-1"], 1);
        let verdict = output
            .lines()
            .find(|line| line.starts_with(|it: char| it.is_uppercase()) && line.contains(": "));
        (verdict.unwrap_or_default().to_owned(), errors)
    };
    let (verdict, errors) = judged("*balance -= amount", "*balance -= \"much\"");
    assert_eq!(verdict, "DOES NOT COMPILE: see above");
    assert!(errors.contains(&format!("--> {shown}:")), "{errors}");
    assert!(!errors.contains("check.rs"), "{errors}");

    let (verdict, errors) = judged("withdraw(", "take(");
    let lacks = format!("LACKS SOMETHING: {shown} does not have `withdraw` as check.rs:");
    assert!(verdict.starts_with(&lacks), "{verdict}");
    assert_eq!(errors, "");

    let (verdict, errors) = judged("use std::thread;", "use std::{thread, time::Instant};");
    assert_eq!(
        verdict,
        format!(
            "CANNOT BE SEARCHED: {shown}:6: `time::Instant` is not modelled: times differ from run to run; \
            leave out the clock"
        )
    );
    assert_eq!(errors, "");
}

#[test]
fn a_wrong_argument_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, line) in [
        (
            &["lock-0"][..],
            "there is no exercise 'lock-0'; `just try` lists them",
        ),
        (&["lock-1", "race-1"], "unexpected argument \"race-1\""),
        (&["--sooner"], "invalid option '--sooner'"),
        (&["--hint"], "which exercise? `just try` lists them"),
    ] {
        assert_eq!(
            said(&folder, arguments, 2),
            (String::new(), format!("just try: {line}\n"))
        );
    }
    // No folder, a file in the place of the folder, a folder that cannot be made.
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for (folder, line) in [
        (
            Path::new(""),
            "TRY_FOLDER is empty: name a folder, or unset it",
        ),
        (&file, "'HERE' is not a folder"),
        (Path::new("/proc/no"), "cannot write 'HERE/lock-1.rs': "),
    ] {
        let output = command(folder, &["lock-1"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let line = line.replace("HERE", &folder.display().to_string());
        let said = text(&output.stderr);
        assert!(said.starts_with(&format!("just try: {line}")), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

/// What cannot be kept does not hide the verdict.
#[test]
fn a_verdict_is_told_also_if_it_cannot_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".progress.new")).unwrap();
    let (verdict, error) = said(&folder, &["race-1"], 2);
    assert!(verdict.contains("\nWRONG PREDICTION: "), "{verdict}");
    assert!(error.starts_with("just try: cannot write '"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

/// In words that fit, also for one of a kind.
#[test]
fn a_verdict_names_what_happened() {
    let folder = tempfile::tempdir().unwrap();
    for (exercise, says) in [
        ("deadlock-1", "; 1 of 3 schedules ends badly. This is it:\n"),
        (
            "coroutines-1",
            "\nTOO SLOW: both: it took 3 s of the paused clock, at most 2 s are allowed: ",
        ),
        (
            "choosing-1",
            "\na_panic: 1 thread x 1 step; its only schedule ends well\n",
        ),
        (
            "pool-2",
            "the answers to 1 and 2: [20, 10], and not [10, 20]\n",
        ),
        (
            "race-2",
            "leads to \"ends at 60\", and not to \"ends at 70\"\n",
        ),
    ] {
        let (verdict, _) = said(&folder, &[exercise], 1);
        assert!(verdict.contains(says), "'{says}' is not in {verdict}");
    }
}

/// What each says of how much it has tried.
#[test]
fn what_holds_says_whether_that_is_a_proof() {
    let folder = tempfile::tempdir().unwrap();
    for (exercise, lesson, says) in [
        (
            "processes-1",
            "processes",
            "A test with real processes, not a proof: each of the 2 programs ran once",
        ),
        (
            "coroutines-1",
            "coroutines",
            "A test on a paused clock, not a proof: each of the 2 programs ran once",
        ),
        (
            "race-1",
            "race",
            "all that can differ: 3 outputs, and no other one",
        ),
    ] {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let solution = format!("{root}/lessons/{lesson}/exercises/{exercise}/solution.rs");
        fs::copy(solution, folder.path().join(format!("{exercise}.rs"))).unwrap();
        let (verdict, _) = said(&folder, &[exercise], 0);
        assert!(verdict.contains("\nHOLDS\n"), "{verdict}");
        assert!(verdict.contains(says), "{verdict}");
    }
}

#[test]
fn the_page_explains_each_verdict_and_shows_one() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verdicts.md");
    let page = fs::read_to_string(page).unwrap();
    let what = || "what".to_owned();
    for verdict in [
        Verdict::Holds,
        Verdict::DoesNotCompile,
        Verdict::Lacks(what()),
        Verdict::NotModelled(what()),
        Verdict::Breaks(what()),
        Verdict::TooStrict(what()),
        Verdict::TooSlow(what()),
        Verdict::NothingConcurrent,
        Verdict::NotComplete(what()),
        Verdict::WrongPrediction(what()),
        Verdict::EndsElsewhere(what()),
    ] {
        let words = verdict.to_string();
        let words = words.split(':').next().unwrap();
        let heading = format!("\n## {}{}\n", words[..1].to_uppercase(), &words[1..]);
        assert!(page.contains(&heading), "no '{heading}'");
    }
    let (_, block) = page.split_once("$ just try lock-1\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (verdict, _) = said(&folder, &["lock-1"], 1);
    // The columns are as wide as the names of the files.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mine = format!("{}/", folder.path().display());
    let verdict = words(&verdict.replace(&mine, "my/"));
    assert!(verdict.contains(&words(block)), "{block}\n{verdict}");
}
