//! The Python twins: the same acts in the same order, and the same claims hold for them.

use std::collections::BTreeMap;
use std::process::Command;

use across::{lesson, lessons, root};
use regex_lite::Regex;

/// What an act of a twin must say: the lesson, the number of the act, a regular expression.
const SAYS: &[(&str, usize, &str)] = &[
    ("race", 1, "=> the account ends at 0 "),
    ("race", 2, "=> the account ends at -120 "),
    ("race", 3, "=> the account ends at (0|10|30) "),
];

/// How long an act takes beside another one of the same twin: the lesson, the two acts, and
/// the quotient of their times at the least and at the most.
const TAKES: &[(&str, [usize; 2], [f64; 2])] = &[("race", [1, 2], [1.5, 3.0])];

fn python() -> Command {
    let mut python = Command::new("python3");
    python
        .current_dir(root())
        .env("LESSON_SPEED", "20")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("it can be started");
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn twin(lesson: &str) -> String {
    output(python().arg(format!("lessons/{lesson}/twin.py")))
}

/// The acts by their numbers, from the title to the conclusion.
fn acts(output: &str) -> BTreeMap<usize, String> {
    let title = Regex::new(r"^(\d+)\. ").unwrap();
    let acts = output.split("\n\n").filter_map(|act| {
        let number = title.captures(act)?[1].parse().ok()?;
        Some((number, act.to_owned()))
    });
    acts.collect()
}

/// The time that stands behind an act's conclusion, in seconds.
fn took(act: &str) -> f64 {
    let time = Regex::new(r"\(([0-9.]+) (s|ms|µs)\)\s*$").unwrap();
    let time = time
        .captures(act)
        .unwrap_or_else(|| panic!("no time: {act}"));
    let unit = match &time[2] {
        "s" => 1.0,
        "ms" => 1e-3,
        _ => 1e-6,
    };
    time[1].parse::<f64>().unwrap() * unit
}

#[test]
fn every_lesson_has_a_twin_with_the_same_acts() {
    for name in lessons() {
        let theirs = acts(&twin(&name));
        let ours = acts(&output(&mut lesson(&name)));
        let numbers = |acts: &BTreeMap<usize, String>| acts.keys().copied().collect::<Vec<_>>();
        assert_eq!(numbers(&theirs), numbers(&ours), "{name}");
        theirs.values().for_each(|act| _ = took(act));
    }
}

#[test]
fn the_claims_hold_for_the_twins() {
    let outputs: BTreeMap<String, _> = lessons()
        .into_iter()
        .map(|name| (name.clone(), acts(&twin(&name))))
        .collect();
    for (lesson, act, pattern) in SAYS {
        let text = &outputs[*lesson][act];
        assert!(
            Regex::new(pattern).unwrap().is_match(text),
            "{lesson}, {pattern}:\n{text}"
        );
    }
    for (lesson, [one, other], [least, most]) in TAKES {
        // A busy machine can spoil a run, but not three in a row.
        let quotient = |acts: &BTreeMap<usize, String>| took(&acts[one]) / took(&acts[other]);
        let mut quotients = vec![quotient(&outputs[*lesson])];
        while quotients.len() < 3 && !(least..=most).contains(&&quotients[quotients.len() - 1]) {
            quotients.push(quotient(&acts(&twin(lesson))));
        }
        let last = quotients[quotients.len() - 1];
        assert!(
            (least..=most).contains(&&last),
            "{lesson}, act {one} by act {other}: {quotients:?}"
        );
    }
}
