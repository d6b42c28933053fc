//! Questions before answers: what a reader predicts before an output, a report or a block that
//! the compiler refuses.
//!
//! In a chapter a question is a quotation in front of the block that answers it:
//!
//! ```text
//! > **Predict first.** How long does act 2 take?
//! > <!-- The reason, shown with the answer. -->
//! ```
//!
//! Its words say of which kind it is ([`KINDS`]). What can be chosen, and what is right, is
//! computed from the block and from the recordings. A question that these do not decide is
//! an error.

mod graph;
mod run;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use regex_lite::{Captures, Regex};
use serde_json::Value;

use crate::parts::{Part, split};
use crate::root;

/// How a question begins in a chapter.
pub const BEGINS: &str = "> **Predict first.** ";

/// The most that there is to choose from.
const MOST_ROWS: usize = 9;

/// A question, with its key.
#[derive(Debug)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// What there is to choose from, in the order in which it is shown.
    pub rows: Vec<Row>,
    /// Whether the rows are code.
    pub code: bool,
    /// What the data say in addition to the key; may be empty.
    pub fact: String,
    /// Why it is so.
    pub why: String,
}

/// Something to choose, or a line of code between.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Code with its indentation, or words.
    pub text: String,
    /// Whether it is right to choose it; `None` if it cannot be chosen.
    pub right: Option<bool>,
}

impl Question {
    /// Whether more than one row is right.
    pub fn several(&self) -> bool {
        self.right().count() > 1
    }

    /// What is right.
    pub fn right(&self) -> impl Iterator<Item = &str> {
        let right = self.rows.iter().filter(|row| row.right == Some(true));
        right.map(|row| row.text.trim())
    }
}

/// What a question is about: the block behind it, and what was recorded of the lesson.
#[derive(Clone, Copy, Default)]
struct Data<'a> {
    info: &'a str,
    body: &'a str,
    /// The sentence behind an output: what differs from run to run.
    varies: &'a str,
    graph: Option<&'a Value>,
    trace: Option<&'a Value>,
}

/// The rows and the fact.
type Answer = Result<(Vec<Row>, String), String>;
type Kind = (&'static str, fn(&Data, &Captures) -> Answer);

/// How a question ends, and what answers it.
const KINDS: [Kind; 10] = [
    (r"Which lines? does the compiler refuse\?$", refused),
    (
        r"With `([^`]+)`, how many of the (\d+) schedules go wrong\?$",
        graph::go_wrong,
    ),
    (
        r"With `([^`]+)`, at which values can the (\w+) end\?$",
        graph::ends_at,
    ),
    (
        r"Which end do the most schedules of `([^`]+)` have\?$",
        most,
    ),
    (r"In which of these ways can `([^`]+)` end\?$", ways),
    (r"How long does act (\d+) take\?$", run::time),
    (
        r"How long does `([^`]+)` take in act (\d+)\?$",
        run::time_of_row,
    ),
    (
        r"Which of these take as long as `([^`]+)` in act (\d+)\?$",
        run::as_long,
    ),
    (
        r"Which of these lines does act (\d+) print (first|last)\?$",
        run::prints,
    ),
    (
        r"finishes first in act (\d+), and why\?$",
        run::finishes_first,
    ),
];

/// The questions of a lesson's chapter, in its order.
///
/// # Errors
///
/// If the chapter or a recording cannot be read; if a question is of no kind, has no reason or
/// no block, or is not decided by its data. The error names the question.
pub fn questions(lesson: &str) -> Result<Vec<Question>, String> {
    let path = format!("lessons/{lesson}/README.md");
    let chapter = fs::read_to_string(root().join(&path));
    let chapter = chapter.map_err(|error| format!("{path}: {error}"))?;
    let [graph, trace] = ["graph", "trace"].map(|what| recording(lesson, what));
    of(&chapter, graph?.as_ref(), trace?.as_ref())
}

fn recording(lesson: &str, what: &str) -> Result<Option<Value>, String> {
    let path = format!("docs/recordings/{lesson}.{what}.json");
    let Ok(text) = fs::read_to_string(root().join(&path)) else {
        return Ok(None);
    };
    let value = serde_json::from_str(&text);
    value.map(Some).map_err(|error| format!("{path}: {error}"))
}

fn of(
    chapter: &str,
    graph: Option<&Value>,
    trace: Option<&Value>,
) -> Result<Vec<Question>, String> {
    let parts = split(chapter);
    let mut questions = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let Part::Words(words) = part else { continue };
        if !words.contains(BEGINS) {
            continue;
        }
        let (Some((text, why)), Some(Part::Block { info, body })) =
            (asked_in(words, BEGINS), parts.get(place + 1))
        else {
            let (_, text) = words.split_once(BEGINS).unwrap_or_default();
            let text = text.lines().next().unwrap_or_default();
            return Err(format!("'{text}': it is not in front of a block"));
        };
        let varies = match parts.get(place + 2) {
            Some(Part::Words(words)) => words.trim_start().split("\n\n").next(),
            _ => None,
        };
        let data = Data {
            info,
            body,
            varies: varies.unwrap_or_default(),
            graph,
            trace,
        };
        let question = question(&text, &why, &data);
        questions.push(question.map_err(|error| format!("'{text}': {error}"))?);
    }
    Ok(questions)
}

/// What a chapter asks, and why the answers are so; `begins` is how a question begins.
pub fn asked(chapter: &str, begins: &str) -> Vec<(String, String)> {
    let parts = split(chapter);
    let words = parts.iter().filter_map(|part| match part {
        Part::Words(words) => asked_in(words, begins),
        Part::Block { .. } => None,
    });
    words.collect()
}

/// The question at the end of these words, and its reason.
fn asked_in(words: &str, begins: &str) -> Option<(String, String)> {
    let (_, asked) = words.split_once(begins)?;
    let mut lines = asked.trim_end().lines();
    let first = lines.next().unwrap_or_default();
    let rest = lines.map(|line| line.strip_prefix('>').map(str::trim));
    let rest: Vec<_> = rest.collect::<Option<_>>()?;
    let asked = [&[first], &rest[..]].concat().join(" ");
    let (text, why) = asked.split_once(" <!-- ").unwrap_or((&asked, ""));
    Some((
        text.to_owned(),
        why.trim_end_matches("-->").trim().to_owned(),
    ))
}

fn question(text: &str, why: &str, data: &Data) -> Result<Question, String> {
    if why.is_empty() {
        return Err("without a reason".to_owned());
    }
    let kind = KINDS.iter().find_map(|(pattern, answer)| {
        let pattern = Regex::new(pattern).expect("a pattern");
        Some((pattern.captures(text)?, answer))
    });
    let (words, answer) = kind.ok_or("a question of no kind")?;
    let (rows, fact) = answer(data, &words)?;
    let all = rows.iter().filter(|row| row.right.is_some()).count();
    let right = rows.iter().filter(|row| row.right == Some(true)).count();
    if right == 0 || right == all || all > MOST_ROWS {
        return Err(format!("{right} of {all} choices are right"));
    }
    Ok(Question {
        text: text.to_owned(),
        rows,
        code: data.info.starts_with("rust"),
        fact,
        why: why.to_owned(),
    })
}

/// Rows of these texts, each once, where `right` says which are right.
fn rows(texts: impl IntoIterator<Item = impl ToString>, right: impl Fn(&str) -> bool) -> Vec<Row> {
    let mut rows = Vec::new();
    for text in texts {
        let text = text.to_string();
        let right = Some(right(&text));
        let row = Row { text, right };
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

/// The lines that the compiler refuses have its words as their comment: `tests/refused.rs` has
/// compiled them.
fn refused(data: &Data, words: &Captures) -> Answer {
    let code = data.info.strip_prefix("rust,compile_fail");
    let code = code.ok_or("the compiler refuses nothing of this block")?;
    let refusal = Regex::new(r"^(.*\S) +// (.*)$").expect("a pattern");
    let mut reasons = Vec::new();
    let rows = data.body.lines().map(|line| {
        if let Some(refused) = refusal.captures(line) {
            reasons.push(refused[2].to_owned());
            let (text, right) = (refused[1].to_owned(), Some(true));
            return Row { text, right };
        }
        let word = |letter: char| letter.is_alphanumeric();
        let choice = line.contains(word) && !line.starts_with("use ");
        let right = choice.then_some(false);
        let text = line.to_owned();
        Row { text, right }
    });
    let rows: Vec<_> = rows.collect();
    if (reasons.len() > 1) != words[0].contains("lines") {
        return Err(format!("lines that are refused: {}", reasons.len()));
    }
    reasons.dedup();
    let code = match code.strip_prefix(',') {
        Some(code) => format!("error[{code}]"),
        None => "error".to_owned(),
    };
    Ok((rows, format!("{code}: {}", reasons.join("; "))))
}

/// The report says how many schedules end in which way.
fn most(data: &Data, words: &Captures) -> Answer {
    let (counts, ends) = ends(data, &words[1])?;
    let most = counts.values().max();
    if counts.values().filter(|count| Some(*count) == most).count() != 1 {
        return Err("no end has more schedules than each other".to_owned());
    }
    let rows = rows(counts.keys(), |end| counts.get(end) == most);
    Ok((rows, ends))
}

/// The ends of one row of the report, among those of all rows.
fn ways(data: &Data, words: &Captures) -> Answer {
    let (right, ends_of_row) = ends(data, &words[1])?;
    let names = data.body.lines().filter_map(|line| line.split("  ").next());
    let all: BTreeSet<_> = names
        .filter_map(|name| ends(data, name).ok())
        .flat_map(|(counts, _)| counts.into_keys())
        .collect();
    Ok((rows(all, |end| right.contains_key(end)), ends_of_row))
}

/// What a row of the report says: how many schedules end in which way, and the same in its words.
fn ends(data: &Data, row: &str) -> Result<(BTreeMap<String, u64>, String), String> {
    let mut rows = data.body.lines().filter_map(|line| line.strip_prefix(row));
    let row = rows.find(|rest| rest.starts_with("  "));
    let row = row.ok_or("the report has no such row")?;
    let ends = row.rsplit("  ").next().unwrap_or_default().trim();
    let end = Regex::new(r"(.+?): (\d{1,3}(?:,\d{3})*)(?:, |$)").expect("a pattern");
    let counts = end.captures_iter(ends).map(|end| {
        let count = end[2].replace(',', "").parse().unwrap_or(0);
        (end[1].to_owned(), count)
    });
    Ok((counts.collect(), ends.to_owned()))
}
