//! Outputs of two runs, with everything that may differ made alike.

use std::collections::BTreeSet;

use regex_lite::Regex;
use serde_json::Value;

/// What the sentence below an output says of how it varies from run to run.
///
/// - "the order of lines in acts 2 and 3": the lines of these acts are sorted;
/// - "the numbers in act 3": all its numbers are alike;
/// - "act 5 as a whole": it is left out;
/// - times are alike everywhere, and of a timeline only the names of the lanes count.
#[derive(Debug, Default)]
pub struct Varies {
    order: BTreeSet<u32>,
    numbers: BTreeSet<u32>,
    whole: BTreeSet<u32>,
}

impl Varies {
    /// From the sentence, which may be broken into lines.
    pub fn new(sentence: &str) -> Self {
        let sentence = sentence.replace('\n', " ");
        let whole = Regex::new("act ([0-9]+) as a whole").unwrap();
        let whole = whole.captures_iter(&sentence);
        Self {
            order: acts(&sentence, "the order of lines in act"),
            numbers: acts(&sentence, "the numbers in act"),
            whole: whole.map(|act| act[1].parse().unwrap()).collect(),
        }
    }

    /// Whether the order of this act's lines may differ.
    pub fn order(&self, act: u32) -> bool {
        self.order.contains(&act)
    }

    /// Whether all numbers of this act may differ.
    pub fn numbers(&self, act: u32) -> bool {
        self.numbers.contains(&act)
    }

    /// Whether all of this act may differ.
    pub fn whole(&self, act: u32) -> bool {
        self.whole.contains(&act)
    }

    /// What a lesson prints, to compare.
    pub fn comparable(&self, output: &str) -> String {
        let heading = Regex::new(r"^(\d+)\. ").unwrap();
        let time = time();
        let number = number();

        let mut act = 0;
        let mut result = Vec::new();
        for paragraph in output.trim_end().split("\n\n") {
            let timeline = paragraph.starts_with("timeline ");
            if let Some(title) = heading.captures(paragraph) {
                act = title[1].parse().unwrap();
            } else if timeline {
                act = 0;
            }
            if self.whole(act) {
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
                if self.numbers(act) && heading.captures(&line).is_none() {
                    number.replace_all(&line, "N").into_owned()
                } else {
                    line
                }
            });
            let mut lines: Vec<_> = lines.collect();
            if self.order.contains(&act) {
                lines.sort();
            }
            result.push(lines.join("\n"));
        }
        result.join("\n\n")
    }

    /// The titles of the acts and the lanes in a lesson's `LESSON_TRACE`, to compare.
    ///
    /// # Panics
    ///
    /// If it is not what a lesson writes.
    pub fn comparable_trace(&self, trace: &str) -> String {
        let trace: Value = serde_json::from_str(trace).expect("a trace in JSON");
        let events = trace["traceEvents"].as_array().expect("events");
        let mut lines = Vec::new();
        for event in events {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            if event["ph"] == "i" {
                let title = text(&event["name"]);
                let (act, _) = title.split_once(". ").expect("a numbered act");
                if !self.whole.contains(&act.parse().expect("a numbered act")) {
                    lines.push(title);
                }
            } else if event["name"] == "thread_name" {
                lines.push(text(&event["args"]["name"]));
            }
        }
        lines.join("\n")
    }
}

/// A time, a rate or a gain.
pub fn time() -> Regex {
    Regex::new(r"\d+(\.\d+)? ?(s|ms|µs|[kMG]?B/s|x)\b").unwrap()
}

/// A number.
pub fn number() -> Regex {
    Regex::new(r"-?\d+").unwrap()
}

/// The numbers of the acts in "… acts 2, 3 and 4".
fn acts(sentence: &str, what: &str) -> BTreeSet<u32> {
    let pattern = format!("{what}s? ([0-9]+(?:(?:, | and )[0-9]+)*)");
    let found = Regex::new(&pattern).unwrap().captures(sentence);
    let list = found.map_or(String::new(), |found| found[1].to_owned());
    let number = Regex::new("[0-9]+").unwrap();
    let numbers = number.find_iter(&list);
    numbers.map(|act| act.as_str().parse().unwrap()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comparison_sees_what_matters() {
        let shown =
            "Lesson\n\n1. One\n   a 1\n   b 2\n   => end (2.00 s)\n\ntimeline  1\nlane      ──";
        let same = |other: &str, varies: &str| {
            let varies = Varies::new(varies);
            varies.comparable(shown) == varies.comparable(other)
        };
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
            "times; the order of lines in\nacts 2, 3 and 1"
        ));
        assert!(same(&shown.replace("a 1", "c"), "act 1 as a whole (why)"));
    }

    #[test]
    fn of_a_trace_titles_and_lanes_matter() {
        let trace = r#"{"traceEvents":[
            {"ph":"i","name":"1. One","ts":0},
            {"ph":"M","name":"thread_name","args":{"name":"till"}},
            {"ph":"X","name":"pays","ts":0}]}"#;
        let same = |other: &str, varies: &str| {
            let varies = Varies::new(varies);
            varies.comparable_trace(trace) == varies.comparable_trace(other)
        };
        assert!(same(&trace.replace("ts\":0", "ts\":1"), ""));
        assert!(!same(&trace.replace("till", "row"), ""));
        assert!(!same(&trace.replace("One", "Two"), "act 2 as a whole"));
        assert!(same(&trace.replace("One", "Two"), "act 1 as a whole"));
    }
}
