//! `just compare` as a reader uses it: with the Python version of race, and with a Python that is none.

use std::fs::{self, File};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use across::{lessons, program};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// Far longer than anything takes here, and shorter than the one that hangs would sleep.
const PATIENCE: Duration = Duration::from_secs(30);
const TITLES: [&str; 3] = [
    "1. One after another",
    "2. At once, check and change as two steps",
    "3. At once, check and change as one step",
];

fn compare(lessons: &[&str]) -> Command {
    // The lessons are built beside it.
    assert!(program("race").exists());
    let mut command = Command::new(env!("CARGO_BIN_EXE_compare"));
    command.args(lessons).env("LESSON_SPEED", "50");
    for name in ["PYTHON", "COLUMNS"] {
        command.env_remove(name);
    }
    command
}

fn fake(what: &str, lessons: &[&str]) -> Command {
    let mut command = compare(lessons);
    let python = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake-python");
    command.env("PYTHON", python).env("FAKE", what);
    command
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Runs it, which must end with this status and one line, which is returned.
#[track_caller]
fn line(status: i32, command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert!(output.stdout.is_empty(), "{}", stdout(&output));
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

/// The output for a page so wide, in which no line is wider.
#[track_caller]
fn page(columns: Option<usize>) -> String {
    let mut command = compare(&["race"]);
    if let Some(columns) = columns {
        command.env("COLUMNS", columns.to_string());
    }
    // It is a lesson's own business whether it is in the table of `just all`.
    let output = command
        .env("LESSON_SPEEDUPS", "/no/such/file")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    let page = stdout(&output);
    let widest = page.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(columns.unwrap_or(80)), "{page}");
    assert!(page.contains("\nrace: one by one "), "{page}");
    page
}

/// The page above the table, and the rows of the table: title, the two times, ratio.
fn table(page: &str) -> (&str, Vec<(&str, [&str; 3])>) {
    let (page, table) = page.split_once("\n\nrace  ").expect(page);
    let (head, rows) = table.split_once('\n').unwrap();
    assert_eq!(
        head.split_whitespace().collect::<Vec<_>>(),
        ["Python", "Rust", "ratio"]
    );
    let rows = rows.lines().map(|row| {
        let (title, cells) = row.split_once("   ").expect(row);
        let (python, cells) = cells.trim_start().split_once("   ").expect(row);
        let (rust, ratio) = cells.trim_start().split_once("  ").expect(row);
        (title, [python, rust, ratio.trim_start()])
    });
    (page, rows.collect())
}

fn seconds(time: &str) -> f64 {
    let (number, unit) = time.split_once(' ').unwrap();
    let unit = ["s", "ms", "µs"]
        .iter()
        .position(|known| *known == unit)
        .unwrap();
    number.parse::<f64>().unwrap() / 1000_f64.powi(unit as i32)
}

#[test]
fn where_the_page_is_narrow_each_act_has_python_first_and_then_rust() {
    let page = page(None);
    let (page, rows) = table(&page);
    assert_eq!(rows.len(), TITLES.len());
    assert!(
        page.contains("\nPython: CPython 3.")
            && page.contains("\nRust: dev profile, opt-level 0\n"),
        "{page}"
    );
    // Each act has its own two, in place of the lesson's whole one.
    let timelines: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("timeline "))
        .collect();
    assert_eq!(timelines.len(), 2 * TITLES.len(), "{page}");
    for pair in timelines.chunks(2) {
        assert_eq!(pair[0], pair[1], "the same scale: {page}");
    }
    for (expected, (title, [python, rust, ratio])) in TITLES.iter().zip(rows) {
        assert_eq!(title, *expected);
        let (_, act) = page
            .split_once(&format!("\n\n{title}\nPython\n   till "))
            .expect(page);
        let (theirs, ours) = act.split_once("\nRust\n   till ").expect(act);
        let [theirs, ours] = [theirs, ours].map(|side| {
            let (said, chart) = side.split_once("\n\ntimeline ").expect(act);
            assert!(chart.contains("\ntill 1 "), "{chart}");
            said
        });
        assert!(theirs.ends_with(&format!(" ({python})")), "{theirs}");
        assert!(ours.ends_with(&format!(" ({rust})")), "{ours}");
        let quotient = seconds(python) / seconds(rust);
        let ratio: f64 = ratio.strip_suffix('x').unwrap().parse().unwrap();
        assert!(
            (ratio - quotient).abs() <= 0.06,
            "{quotient} is not {ratio}"
        );
    }
}

#[test]
fn where_the_page_is_wide_the_acts_stand_side_by_side() {
    for columns in [163, 200] {
        let page = page(Some(columns));
        let (page, rows) = table(&page);
        let pairs = page.lines().filter_map(|line| {
            let (left, right) = line.split_once(" │ ")?;
            Some((left.trim_end(), right))
        });
        let pairs: Vec<_> = pairs.collect();
        assert!(
            pairs[0].0.starts_with("Python: ") && pairs[0].1.starts_with("Rust: "),
            "{page}"
        );
        for (title, [python, rust, _]) in rows {
            let place = pairs
                .iter()
                .position(|pair| *pair == (title, title))
                .expect(page);
            let mut lines = pairs[place + 1..].iter();
            let end = lines.find(|pair| pair.0.starts_with("   => ")).expect(page);
            assert!(end.0.ends_with(&format!(" ({python})")), "{page}");
            assert!(end.1.ends_with(&format!(" ({rust})")), "{page}");
        }
    }
}

#[test]
fn where_there_is_hardly_any_room_lines_are_wrapped_and_the_timeline_is_left_out() {
    let page = page(Some(40));
    assert!(!page.contains("timeline"), "{page}");
    let words = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in [
        "till 1: the balance covers 80, counting it out till",
        TITLES[1],
    ] {
        assert!(words.contains(text), "{page}");
    }
    assert!(page.lines().last().unwrap().ends_with('x'), "{page}");
}

#[test]
fn without_a_python_that_will_do_one_line_says_what_to_install() {
    let advice = ": install Python 3.11 or newer, or name it in PYTHON\n";
    let missing = line(1, compare(&[]).env("PYTHON", "/no/such/python"));
    assert!(
        missing.contains("/no/such/python cannot be started"),
        "{missing}"
    );
    let old = line(1, &mut fake("old", &["race"]));
    assert!(old.contains("fake-python is Python 3.10"), "{old}");
    let garbage = line(1, &mut fake("garbage", &["race"]));
    assert!(
        garbage.contains("fake-python does not answer as Python"),
        "{garbage}"
    );
    for line in [missing, old, garbage] {
        assert!(
            line.starts_with("just compare: ") && line.ends_with(advice),
            "{line}"
        );
    }
}

#[test]
fn a_python_version_that_fails_is_one_line_that_says_why() {
    let cases = [
        (
            "module",
            "lesson.py: install aiohttp: pip install aiohttp\n",
        ),
        ("dies", "signal: 9 (SIGKILL)\n"),
        ("raises", "ZeroDivisionError: division by zero\n"),
        ("half", "act 1 does not end with its time\n"),
    ];
    for (what, why) in cases {
        let said = line(1, &mut fake(what, &["lock"]));
        assert_eq!(
            said,
            format!("just compare: lock: the Python version: {why}")
        );
    }
    let said = line(1, &mut fake("mumbles", &["race"]));
    assert_eq!(
        said,
        "just compare: race: the Python version has 0 acts and the lesson 3\n"
    );
}

#[test]
fn the_others_go_on_and_the_end_names_those_that_failed() {
    let output = fake("module", &["lock", "race", "pool"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    let said: Vec<_> = said.lines().collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert_eq!(said[2], "just compare: failed: lock pool");
    let page = stdout(&output);
    let (page, rows) = table(&page);
    assert!(page.contains("======== race ========"), "{page}");
    assert_eq!(rows.len(), TITLES.len());

    // Without arguments: all of them.
    let output = fake("raises", &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.ends_with(&format!("failed: {}\n", lessons().join(" "))),
        "{said}"
    );
}

/// A ratio of times says nothing where the work is not the same.
#[test]
fn acts_of_different_titles_are_marked() {
    let output = fake("other", &["race"]).output().unwrap();
    let page = stdout(&output);
    assert!(
        page.contains("\n1. One after another\nPython: 1. Nothing\n   => (1.00 s)\nRust\n"),
        "{page}"
    );
    let (_, table) = page.rsplit_once("ratio\n").unwrap();
    let marks: Vec<_> = table.lines().map(|row| row.ends_with('*')).collect();
    assert_eq!(marks, [true, false, true, false], "{table}");
    assert!(
        table.contains("\n* The act of the Python version"),
        "{table}"
    );
}

#[test]
fn an_argument_that_is_no_lesson_is_one_line_with_those_that_are() {
    for name in ["look", "--wide", "", "race lock"] {
        let said = line(2, &mut compare(&["race", name]));
        let expected = format!(
            "no lesson '{name}'; the lessons are: {}\n",
            lessons().join(" ")
        );
        assert!(said.ends_with(&expected), "{said}");
    }
    let help = compare(&["--help"]).output().unwrap();
    assert!(help.status.success());
    assert!(stdout(&help).contains("\nUsage: just compare [LESSON...]\n"));
}

#[test]
fn a_closed_pipe_is_quiet_and_a_full_disk_is_one_line() {
    let mut command = compare(&["race"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );

    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = compare(&["race"])
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = output.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.starts_with("just compare: cannot write the output: "),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}

/// What Ctrl-C does: the signal goes to the whole group.
#[test]
fn ctrl_c_leaves_no_python_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = fake("hangs", &["race"]);
    command.env("FOLDER", folder.path()).process_group(0);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let python = until(|| {
        let text = fs::read_to_string(folder.path().join("python")).ok()?;
        text.strip_suffix('\n').map(str::to_owned)
    });
    killpg(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(Signal::SIGINT as i32), "{status}");
    // One that has ended, and no process has waited for yet, has no command line.
    until(|| {
        let line = fs::read(format!("/proc/{python}/cmdline")).unwrap_or_default();
        line.is_empty().then_some(())
    });
}

/// Asks until there is an answer.
fn until<T>(ask: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "it takes too long");
        thread::sleep(Duration::from_millis(5));
    }
}
