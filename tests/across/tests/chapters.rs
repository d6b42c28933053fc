//! What the chapters show is what the programs print.
//!
//! A block of output in a chapter opens with its command; it is followed by a sentence
//! that says what may differ between two runs, and the comparison believes that sentence:
//!
//! - "the order of lines in acts 2 and 3": the lines of these acts are sorted;
//! - "the numbers in act 3": all its numbers are alike;
//! - "act 5 as a whole": it is left out;
//! - times are alike everywhere, and of a timeline only the names of the lanes count.
//!
//! A block that opens with `$ just prove` or `$ just play` has no such sentence: only times may
//! differ. The answers given in a dialogue are those that the block shows.
//!
//! `just refresh` writes the outputs of new runs into the chapters instead.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use across::{built, lessons, program, read, root};
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
        let new = output(lesson);
        if refreshing() {
            let command = format!("$ cargo run -p lesson-{lesson}\n");
            return block.replacen(&(command.clone() + old), &(command + &new), 1);
        }
        let varies = varies.replace('\n', " ");
        assert_eq!(
            comparable(old, &varies),
            comparable(&new, &varies),
            "{page}"
        );
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
        assert_eq!(comparable(old, ""), comparable(&new, ""), "{page}");
        block.to_owned()
    });
    let others = text.matches("```console").count() - blocks;
    assert_eq!(others, 0, "{page} has blocks of output that nobody checks");
    if renewed != text {
        fs::write(root().join(page), renewed.as_bytes()).unwrap();
    }
}

/// What the lesson prints at the tutorial's own speed.
fn output(lesson: &str) -> String {
    let mut command = Command::new(program(lesson));
    command
        .env_remove("LESSON_SPEED")
        .env_remove("LESSON_GAINS")
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{lesson}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What `just prove` or `just play` prints, if it is given the answers that were given before.
fn report(tool: &str, arguments: &str, before: &str) -> String {
    let asked = Regex::new(r"Who goes on\? \[[^\]]*\] (.*)\n").unwrap();
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

/// The output with everything that may differ made alike.
fn comparable(output: &str, varies: &str) -> String {
    let any_order = acts(varies, "the order of lines in act");
    let any_numbers = acts(varies, "the numbers in act");
    let left_out = acts_as_a_whole(varies);
    let heading = Regex::new(r"^(\d+)\. ").unwrap();
    let time = Regex::new(r"\d+(\.\d+)? ?(s|ms|µs|[kMG]?B/s|x)\b").unwrap();
    let number = Regex::new(r"-?\d+").unwrap();

    let mut act = 0;
    let mut result = Vec::new();
    for paragraph in output.trim_end().split("\n\n") {
        let timeline = paragraph.starts_with("timeline ");
        if let Some(title) = heading.captures(paragraph) {
            act = title[1].parse().unwrap();
        } else if timeline {
            act = 0;
        }
        if left_out.contains(&act) {
            continue;
        }
        let lines = paragraph.lines().map(|line| {
            let line = if timeline {
                line.split("  ").next().unwrap_or_default()
            } else {
                line
            };
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            let line = time.replace_all(&line, "TIME").into_owned();
            if any_numbers.contains(&act) && heading.captures(&line).is_none() {
                number.replace_all(&line, "N").into_owned()
            } else {
                line
            }
        });
        let mut lines: Vec<_> = lines.collect();
        if any_order.contains(&act) {
            lines.sort();
        }
        result.push(lines.join("\n"));
    }
    result.join("\n\n")
}

/// The numbers of the acts in "… acts 2, 3 and 4".
fn acts(varies: &str, what: &str) -> BTreeSet<u32> {
    let pattern = format!("{what}s? ([0-9]+(?:(?:, | and )[0-9]+)*)");
    let found = Regex::new(&pattern).unwrap().captures(varies);
    let list = found.map_or(String::new(), |found| found[1].to_owned());
    let number = Regex::new("[0-9]+").unwrap();
    number
        .find_iter(&list)
        .map(|act| act.as_str().parse().unwrap())
        .collect()
}

fn acts_as_a_whole(varies: &str) -> BTreeSet<u32> {
    let pattern = Regex::new("act ([0-9]+) as a whole").unwrap();
    pattern
        .captures_iter(varies)
        .map(|found| found[1].parse().unwrap())
        .collect()
}

#[test]
fn the_comparison_sees_what_matters() {
    let shown = "Lesson\n\n1. One\n   a 1\n   b 2\n   => end (2.00 s)\n\ntimeline  1\nlane      ──";
    let same = |other: &str, varies: &str| comparable(shown, varies) == comparable(other, varies);
    assert!(same(&shown.replace("2.00 s", "1.98 s"), ""));
    assert!(same(&shown.replace("──", "─ x"), ""));
    assert!(!same(&shown.replace("lane", "row"), ""));
    assert!(!same(&shown.replace("a 1", "a 3"), ""));
    assert!(same(&shown.replace("a 1", "a 3"), "the numbers in act 1"));
    assert!(!same(&shown.replace("a 1", "c 1"), "the numbers in act 1"));
    let swapped = shown.replace("   a 1\n   b 2", "   b 2\n   a 1");
    assert!(!same(&swapped, "the order of lines in act 2"));
    assert!(same(
        &swapped,
        "times; the order of lines in acts 2, 3 and 1"
    ));
    assert!(same(&shown.replace("a 1", "c"), "act 1 as a whole (why)"));
}
