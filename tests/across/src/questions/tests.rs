use std::collections::BTreeSet;

use serde_json::json;

use super::*;

/// Two threads with two steps each, on a number: they end at 1 if one comes after the other.
fn graph() -> Value {
    let step = |thread: usize, to: usize| json!([thread, "", to]);
    let state = |value: i64, steps: Vec<Value>| json!({"values": [value], "steps": steps});
    let end = |value: i64, bad: bool, what: &str| json!({"values": [value], "steps": [], "end": {"bad": bad, "what": what}});
    let wrong = vec![
        state(3, vec![step(0, 1), step(1, 2)]),
        state(3, vec![step(0, 3), step(1, 4)]),
        state(3, vec![step(0, 4), step(1, 3)]),
        end(1, false, "well"),
        end(2, true, "lost"),
    ];
    let right = vec![state(3, vec![step(0, 1)]), end(1, false, "well")];
    json!({
        "wrong": {"file": "racy.rs", "objects": ["number"], "schedules": 4, "states": wrong},
        "right": {"file": "right.rs", "objects": ["number"], "schedules": 1, "states": right},
    })
}

/// Act 2 of three: two lanes that wait together, one of them longer.
fn trace() -> Value {
    let act = |title: &str, at: u64| json!({"ph": "i", "name": title, "ts": at});
    let lane = |tid: u64, name: &str| json!({"ph": "M", "tid": tid, "name": "thread_name", "args": {"name": name}});
    let span = |tid: u64, kind: &str, at: u64, dur: u64| json!({"ph": "X", "tid": tid, "name": "", "cat": kind, "ts": at, "dur": dur});
    json!({"traceEvents": [
        act("1. One", 0),
        act("2. Two", 3_000_000),
        act("3. Three", 5_000_000),
        lane(1, "slow"),
        lane(2, "quick"),
        span(1, "waiting", 0, 2_000_000),
        span(1, "waiting", 3_000_100, 2_000_000),
        span(2, "blocked", 3_000_100, 500_000),
        span(2, "waiting", 3_500_100, 1_000_000),
        span(1, "waiting", 5_000_000, 1_000_000),
        span(2, "waiting", 5_000_000, 1_010_000),
    ]})
}

const RUN: &str = "```console
$ cargo run -p lesson-x
X: an example.

1. One
   b
   a
   => the end (3.00 s)

2. Two
   c
   b
   a
   => the end (2.00 s)

3. Three
   => the end (1.01 s)
```

*Varies from run to run: times; the order of lines in act 1.*
";

const REPORT: &str = "```console
$ just prove x
x               verdict  threads x steps  schedules   ends
racy.rs: two    breaks         2 x 2          1,500   lost: 1,464, well: 36
racy.rs: three  breaks         2 x 2             20   lost: 10, well: 10
```
";

const REFUSED: &str = "```rust,compile_fail,E0382
use std::thread;

let letter = String::new();
drop(letter);
drop(letter); // use of moved value: `letter`
```
";

fn ask(text: &str, block: &str) -> Result<Question, String> {
    let chapter =
        format!("Words.\n\n> **Predict first.** {text}\n> <!-- So it\n> is. -->\n\n{block}");
    let mut questions = of(&chapter, Some(&graph()), Some(&trace()))?;
    assert_eq!(questions.len(), 1);
    let question = questions.remove(0);
    assert_eq!(
        (question.text.as_str(), question.why.as_str()),
        (text, "So it is.")
    );
    Ok(question)
}

/// What can be chosen, with a star before what is right; and what the data say in addition.
fn answer(text: &str, block: &str) -> (String, String) {
    let question = ask(text, block).unwrap();
    let rows = question.rows.iter().filter_map(|row| {
        let star = if row.right? { "*" } else { "" };
        Some(format!("{star}{}", row.text))
    });
    (rows.collect::<Vec<_>>().join("|"), question.fact)
}

fn error(text: &str, block: &str) -> String {
    let error = ask(text, block).unwrap_err();
    let error = error.strip_prefix(&format!("'{text}': ")).unwrap();
    error.to_owned()
}

#[test]
fn a_line_is_refused_if_the_block_says_so() {
    let text = "Which line does the compiler refuse?";
    let (rows, fact) = answer(text, REFUSED);
    assert_eq!(
        rows,
        "let letter = String::new();|drop(letter);|*drop(letter);"
    );
    assert_eq!(fact, "error[E0382]: use of moved value: `letter`");
    assert!(ask(text, REFUSED).unwrap().code);
    assert_eq!(
        error(text, "```rust\nlet a = 1; // a number\n```\n"),
        "the compiler refuses nothing of this block"
    );
    let twice = REFUSED.replace(
        "drop(letter);\n",
        "drop(letter); // use of moved value: `letter`\n",
    );
    assert_eq!(error(text, &twice), "lines that are refused: 2");
    let lines = "Which lines does the compiler refuse?";
    assert!(ask(lines, &twice).unwrap().several());
    assert_eq!(error(lines, REFUSED), "lines that are refused: 1");
}

#[test]
fn schedules_are_counted_in_the_graph() {
    let text = "With `racy.rs`, how many of the 4 schedules go wrong?";
    let (rows, fact) = answer(text, REPORT);
    assert_eq!(rows, "0|1|*2|3|4");
    assert_eq!(fact, "lost: 2, well: 2");
    let right = answer(
        "With `right.rs`, how many of the 1 schedules go wrong?",
        REPORT,
    );
    assert_eq!(right.0, "*0|1");
    assert_eq!(
        error(&text.replace('4', "6"), REPORT),
        "4 schedules can be asked for"
    );
    assert_eq!(
        error(&text.replace("racy", "other"), REPORT),
        "no graph was recorded of other.rs"
    );
    assert_eq!(error(text, RUN), "the block is no report");
}

#[test]
fn values_at_the_end_are_those_of_the_graph() {
    let ends = |file: &str| format!("With `{file}`, at which values can the number end?");
    assert_eq!(answer(&ends("racy.rs"), REPORT).0, "3|*2|*1");
    assert_eq!(answer(&ends("right.rs"), REPORT).0, "3|2|*1");
    let other = ends("racy.rs").replace("number", "balance");
    assert_eq!(error(&other, REPORT), "nothing there is named balance");
}

#[test]
fn most_schedules_end_as_the_report_counts() {
    let (rows, fact) = answer(
        "Which end do the most schedules of `racy.rs: two` have?",
        REPORT,
    );
    assert_eq!(rows, "*lost|well");
    assert_eq!(fact, "lost: 1,464, well: 36");
    let error = |name: &str| {
        error(
            &format!("Which end do the most schedules of `{name}` have?"),
            REPORT,
        )
    };
    assert_eq!(
        error("racy.rs: three"),
        "no end has more schedules than each other"
    );
    assert_eq!(error("racy.rs: t"), "the report has no such row");
}

#[test]
fn a_program_ends_in_the_ways_of_its_row() {
    let right = "right.rs: two  holds  2 x 2  6  well: 5, lost, and found: 1\n";
    let report = REPORT.replace("```\n", &format!("{right}```\n"));
    let (rows, fact) = answer("In which of these ways can `right.rs: two` end?", &report);
    assert_eq!(rows, "lost|*lost, and found|*well");
    assert_eq!(fact, "well: 5, lost, and found: 1");
    let all = "In which of these ways can `racy.rs: two` end?";
    assert_eq!(error(all, REPORT), "2 of 2 choices are right");
    let none = "In which of these ways can `racy.rs: t` end?";
    assert_eq!(error(none, REPORT), "the report has no such row");
}

#[test]
fn a_time_is_that_of_the_run() {
    let time = |act: u32| format!("How long does act {act} take?");
    // As long as the longest, beside the sum, each lane's share, and the other acts.
    assert_eq!(answer(&time(2), RUN).0, "1.0 s|*2.0 s|3.0 s|4.0 s");
    // What is too near to the answer is no choice beside it.
    let near = RUN.replace("(3.00 s)", "(1.90 s)");
    assert_eq!(answer(&time(2), &near).0, "1.0 s|*2.0 s|3.0 s|4.0 s");
    assert_eq!(error(&time(4), RUN), "there is no such act");
    assert_eq!(
        error(&time(2), REPORT),
        "the block is no output of a lesson"
    );
}

const ROWS: &str = "```console
$ cargo run -p lesson-x
X: an example.

1. One
   one by one        1.00 s
   threads: 5        0.50 s
   async           980.00 ms
   a row             5 rows
   => the end (2.40 s)

2. Two
   one by one        10.00 ms
   threads           8.00 ms
   => the end (0.52 s)
```
";

#[test]
fn a_time_of_a_row_is_that_of_the_run() {
    let time = |row: &str| format!("How long does `{row}` take in act 1?");
    // The second act takes nearly as long, so it is no choice.
    assert_eq!(answer(&time("threads: 5"), ROWS).0, "*0.5 s|1.0 s|2.4 s");
    assert_eq!(error(&time("a row"), ROWS), "the act has no such row");
    let other = time("threads: 5").replace('1', "3");
    assert_eq!(error(&other, ROWS), "there is no such act");
}

#[test]
fn what_takes_as_long_does_so_clearly() {
    let text = "Which of these take as long as `one by one` in act 1?";
    assert_eq!(answer(text, ROWS).0, "*async|threads: 5");
    assert_eq!(
        error(&text.replace('1', "2"), ROWS),
        "'threads' takes neither as long nor another time"
    );
    assert_eq!(
        error(&text.replace("one by one", "a row"), ROWS),
        "the act has no such row"
    );
}

#[test]
fn a_line_that_is_printed_first_is_so_in_every_run() {
    let text = "Which of these lines does act 2 print first?";
    assert_eq!(answer(text, RUN).0, "a|b|*c");
    assert_eq!(answer(&text.replace("first", "last"), RUN).0, "*a|b|c");
    assert_eq!(
        error(&text.replace('2', "1"), RUN),
        "that differs from run to run"
    );
    assert_eq!(
        error(&text.replace('2', "3"), RUN),
        "the act prints nothing"
    );
}

#[test]
fn who_finishes_first_does_so_clearly() {
    let text = "Which of the two finishes first in act 2, and why?";
    let (rows, fact) = answer(text, RUN);
    assert_eq!(rows, "*quick|slow");
    assert_eq!(fact, "quick: 1.5 s, slow: 2.0 s");
    assert_eq!(
        error(&text.replace('2', "3"), RUN),
        "1.00 s and 1.01 s are too near"
    );
    assert_eq!(
        error(&text.replace('2', "1"), RUN),
        "fewer than two have a row there"
    );
}

#[test]
fn a_question_has_a_kind_a_reason_and_a_block() {
    assert_eq!(error("What is it?", REFUSED), "a question of no kind");
    assert_eq!(
        error("Which line does the compiler refuse?", "Words.\n"),
        "it is not in front of a block"
    );
    let asked = "> **Predict first.** Which line does the compiler refuse?\n\n";
    let error = of(&format!("{asked}{REFUSED}"), None, None).unwrap_err();
    assert!(error.ends_with("without a reason"), "{error}");
}

/// Each chapter asks in two ways or three, and together they ask in all of them.
#[test]
fn every_chapter_asks() {
    let mut all = BTreeSet::new();
    for lesson in crate::lessons() {
        let questions = questions(&lesson).unwrap();
        let kinds = questions.iter().map(|question| {
            let of = |(pattern, _): &Kind| Regex::new(pattern).unwrap().is_match(&question.text);
            KINDS.iter().position(of)
        });
        let kinds: BTreeSet<_> = kinds.collect();
        assert!(
            kinds.len() >= 2 && questions.len() <= 3,
            "{lesson}: {kinds:?}"
        );
        all.extend(kinds);
    }
    assert_eq!(all.len(), KINDS.len(), "{all:?}");
}
