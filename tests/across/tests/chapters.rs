//! What the chapters show is what the programs print.
//!
//! A block of output in a chapter opens with its command; it is followed by a sentence
//! that says what may differ between two runs, and the comparison believes that sentence
//! ([`Varies`]).
//!
//! A block that opens with `$ just prove` or `$ just play` has no such sentence: only times may
//! differ. The answers given in a dialogue are those that the block shows.
//!
//! The same holds for the recordings that the book draws from, in `docs/recordings`: the
//! timeline of each lesson, and the states of the programs of `just play`.
//!
//! The code that a chapter shows is that of the files. A block of it has a caption, such as
//!
//! ```text
//! [`src/account.rs`](src/account.rs), `Account::withdraw`, `Account::balance`:
//! ```
//!
//! `just refresh` writes the outputs, the recordings and the code of today there instead; of all
//! lessons, or `just refresh race lock` of some. (The code is always that of all.)

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::thread;

use across::items::{self, Language};
use across::outputs::Varies;
use across::{built, lessons, program, python, read, root};
use pretty_assertions::assert_eq;
use regex_lite::{Captures, Regex};

#[test]
fn outputs_are_those_of_a_run() {
    let mut pages = vec!["README.md".to_owned()];
    pages.extend(
        lessons()
            .iter()
            .map(|lesson| format!("lessons/{lesson}/README.md")),
    );
    if refreshing() {
        let chosen = env::var("REFRESH").unwrap_or_default();
        if chosen != "1" {
            let mut chosen = chosen.split_whitespace();
            pages.retain(|page| {
                chosen
                    .clone()
                    .any(|name| page.contains(&format!("/{name}/")))
            });
            assert_eq!(pages.len(), chosen.by_ref().count(), "each is a lesson");
        }
        // What a chapter shows is measured with nothing else going on.
        return pages.iter().for_each(|page| check_outputs(page));
    }
    // The lessons mostly wait: all at once they take as long as the longest.
    thread::scope(|scope| {
        for page in &pages {
            scope.spawn(move || check_outputs(page));
        }
    });
}

fn refreshing() -> bool {
    env::var_os("REFRESH").is_some()
}

fn check_outputs(page: &str) {
    let text = read(page);
    let block = Regex::new(
        r"```console\n\$ cargo run -p lesson-([a-z-]+)\n((?:[^`]|`[^`]|``[^`])*)```\n\n\*Varies from run to run: ([^*]+)\*\n",
    )
    .unwrap();
    let mut blocks = 0;
    let renewed = block.replace_all(&text, |shown: &Captures| {
        blocks += 1;
        let [block, lesson, old, varies] = [0, 1, 2, 3].map(|part| &shown[part]);
        let (new, trace) = run(Command::new(program(lesson)));
        let chapter = page == format!("lessons/{lesson}/README.md");
        let recording = format!("docs/recordings/{lesson}.trace.json");
        if refreshing() {
            if chapter {
                // The book draws the very run whose output it shows.
                fs::write(root().join(recording), trace).unwrap();
                if BESIDE_PYTHON.contains(&lesson) {
                    let recording = format!("docs/recordings/{lesson}.python.trace.json");
                    fs::write(root().join(recording), run(python_version(lesson)).1).unwrap();
                }
            }
            let command = format!("$ cargo run -p lesson-{lesson}\n");
            return block.replacen(&(command.clone() + old), &(command + &new), 1);
        }
        let varies = Varies::new(varies);
        let [old, new] = [old, &new].map(|output| varies.comparable(output));
        assert_eq!(old, new, "{page}");
        if chapter {
            let [old, new] = [read(&recording), trace].map(|text| varies.comparable_trace(&text));
            assert_eq!(old, new, "{recording}");
        }
        if chapter && BESIDE_PYTHON.contains(&lesson) {
            check_python(lesson);
        }
        block.to_owned()
    });
    assert!(blocks > 0, "{page} shows no output of a lesson");
    let block =
        Regex::new(r"```console\n\$ just (prove|play) ([^\n]*)\n((?:[^`]|`[^`])*)```").unwrap();
    let renewed = block.replace_all(&renewed, |shown: &Captures| {
        blocks += 1;
        let [block, tool, arguments, old] = [0, 1, 2, 3].map(|part| &shown[part]);
        let new = report(tool, arguments, old);
        if refreshing() {
            let command = format!("$ just {tool} {arguments}\n");
            return block.replacen(&(command.clone() + old), &(command + &new), 1);
        }
        let [old, new] = [old, &new].map(|output| Varies::default().comparable(output));
        assert_eq!(old, new, "{page}");
        block.to_owned()
    });
    let others = text.matches("```console").count() - blocks;
    assert_eq!(others, 0, "{page} has blocks of output that no test checks");
    if renewed != text {
        fs::write(root().join(page), renewed.as_bytes()).unwrap();
    }
}

/// More than this is too long to read in the middle of a chapter.
const LONGEST: usize = 36;

#[test]
fn code_is_that_of_the_files() {
    let caption = Regex::new(
        r"(?m)^\[`([^`]+)`\]\(([^)]+)\), (`[^\n]+`):\n\n```(\w+)\n((?:[^`]|`[^`]|``[^`])*)```\n",
    )
    .unwrap();
    for lesson in lessons() {
        let page = format!("lessons/{lesson}/README.md");
        let text = read(&page);
        // A block that is not found here would be compared with nothing.
        let captions = text.lines().filter(|line| items::is_caption(line)).count();
        assert_eq!(captions, caption.find_iter(&text).count(), "{page}");
        let mut languages = BTreeSet::new();
        let renewed = caption.replace_all(&text, |shown: &Captures| {
            let [block, file, link, names, word, old] = [0, 1, 2, 3, 4, 5].map(|part| &shown[part]);
            assert_eq!(file, link, "{page}");
            let language = Language::of(file).unwrap();
            assert_eq!(Language::of(word), Some(language), "{page}: {file}");
            languages.insert(word.to_owned());
            let names: Vec<_> = names
                .split(", ")
                .map(|name| name.trim_matches('`'))
                .collect();
            let new = items::shown(&read(format!("lessons/{lesson}/{file}")), language, &names);
            let new = new.unwrap_or_else(|error| panic!("{page}: {file}: {error}"));
            let lines = new.lines().count();
            assert!(lines <= LONGEST, "{page}: {names:?} has {lines} lines");
            if refreshing() {
                return block.replacen(
                    &format!("```{word}\n{old}"),
                    &format!("```{word}\n{new}"),
                    1,
                );
            }
            assert_eq!(old, new, "{page}: {file}, {names:?}");
            block.to_owned()
        });
        let both = ["python", "rust"].map(str::to_owned);
        assert_eq!(
            languages,
            BTreeSet::from(both),
            "{page} shows both languages"
        );
        if renewed != text {
            fs::write(root().join(page), renewed.as_bytes()).unwrap();
        }
    }
}

/// The lessons whose timeline the book draws below that of their Python version.
const BESIDE_PYTHON: [&str; 3] = ["race", "lock", "gil"];

fn python_version(lesson: &str) -> Command {
    let mut command = python();
    command.arg(format!("lessons/{lesson}/lesson.py"));
    command
}

/// What was recorded of the Python version has the acts and lanes of today.
fn check_python(lesson: &str) {
    let recording = format!("docs/recordings/{lesson}.python.trace.json");
    let version = "import sys; sys.exit(sys.version_info < (3, 11))";
    if !python()
        .args(["-c", version])
        .status()
        .is_ok_and(|status| status.success())
    {
        let _ = writeln!(
            io::stderr(),
            "skipped: {recording}: no Python 3.11 or newer"
        );
        return;
    }
    let new = run(python_version(lesson)).1;
    let [old, new] = [read(&recording), new].map(|trace| {
        let lines = Varies::default().comparable_trace(&trace);
        // Where Python does not fork its processes, they have no lanes.
        let lines = lines.lines().filter(|line| !line.starts_with("process "));
        lines.collect::<Vec<_>>().join("\n")
    });
    assert_eq!(old, new, "{recording}");
}

/// What a version of a lesson prints at the tutorial's own speed, and its timeline.
fn run(mut command: Command) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace.json");
    command
        .env_remove("LESSON_SPEED")
        .env_remove("LESSON_SPEEDUPS")
        .env("LESSON_TRACE", &trace)
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    let trace = fs::read_to_string(trace).unwrap();
    (String::from_utf8(output.stdout).unwrap(), trace)
}

#[test]
fn graphs_are_those_of_the_proofs() {
    let folder = tempfile::tempdir().unwrap();
    let mut prove = Command::new(built("prove"));
    prove.arg("--graphs").arg(folder.path());
    let output = prove.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut expected: BTreeSet<_> = lessons()
        .iter()
        .map(|lesson| format!("{lesson}.trace.json"))
        .collect();
    expected.extend(BESIDE_PYTHON.map(|lesson| format!("{lesson}.python.trace.json")));
    for graph in fs::read_dir(folder.path()).unwrap() {
        let graph = graph.unwrap().path();
        let lesson = graph.file_stem().unwrap().to_str().unwrap();
        let name = format!("{lesson}.graph.json");
        let recording = format!("docs/recordings/{name}");
        let new = fs::read_to_string(&graph).unwrap();
        if refreshing() {
            fs::write(root().join(recording), new).unwrap();
        } else {
            assert_eq!(read(&recording), new, "{recording}");
        }
        expected.insert(name);
    }
    if refreshing() {
        return; // The traces may come later.
    }
    let recordings = fs::read_dir(root().join("docs/recordings")).unwrap();
    let files = recordings.map(|file| file.unwrap());
    let files = files.filter(|file| file.file_type().unwrap().is_file());
    let names = files.map(|file| file.file_name().into_string().unwrap());
    assert_eq!(names.collect::<BTreeSet<_>>(), expected);
}

/// What `just prove` or `just play` prints, if it is given the answers that were given before.
fn report(tool: &str, arguments: &str, before: &str) -> String {
    let asked = Regex::new(r"(?:Who goes on|Your choice)\? \[[^\]]*\] (.*)\n").unwrap();
    let answers = asked
        .captures_iter(before)
        .map(|asked| asked[1].to_owned() + "\n");
    let mut tool = Command::new(built(tool))
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let answers: String = answers.collect();
    // Should it ask for less, the output will tell.
    let _ = tool.stdin.take().unwrap().write_all(answers.as_bytes());
    let output = tool.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}
