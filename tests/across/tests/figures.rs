//! Figures in a chapter's words agree with the block or the file beside them, where that can be
//! told: the seconds of a lesson, numbers of schedules, lines of a file.

use across::{lessons, read};
use regex_lite::Regex;

/// The words of a chapter and its blocks, apart.
fn words_and_blocks(lesson: &str) -> (String, String) {
    let text = read(format!("lessons/{lesson}/README.md"));
    let parts = text.split("```");
    let (words, blocks): (Vec<_>, Vec<_>) =
        parts.enumerate().partition(|(place, _)| place % 2 == 0);
    let joined = |parts: Vec<(usize, &str)>| parts.iter().map(|(_, part)| *part).collect();
    (joined(words), joined(blocks))
}

fn number(digits: &str) -> u64 {
    digits.replace(',', "").parse().unwrap()
}

#[test]
fn the_seconds_of_a_lesson_are_those_of_its_run() {
    let total = Regex::new(r"\ntimeline [^\n]* ([0-9.]+) (m?)s\n").unwrap();
    for lesson in lessons() {
        let source = read(format!("lessons/{lesson}/src/main.rs"));
        let said = Regex::new(&format!(r"cargo run -p lesson-{lesson} +\((\d+) second")).unwrap();
        let said = number(&said.captures(&source).expect(&lesson)[1]) as f64;
        let (_, blocks) = words_and_blocks(&lesson);
        let shown = total.captures(&blocks).expect(&lesson);
        let shown: f64 =
            shown[1].parse::<f64>().unwrap() / if &shown[2] == "m" { 1e3 } else { 1.0 };
        assert!(
            (said - shown).abs() < 0.8,
            "{lesson}: {said} s, and the run took {shown} s"
        );
    }
}

#[test]
fn numbers_of_schedules_are_those_of_the_reports() {
    let said = Regex::new(r"([0-9][0-9,]*)\s+(?:schedules|orders)\b").unwrap();
    let row = Regex::new(r"(?m)^(\w+\.rs): .* (?:holds|breaks) .* x \d+ +([0-9,]+)\*? ").unwrap();
    let any = Regex::new(r"[0-9][0-9,]*").unwrap();
    let mut found = 0;
    for lesson in lessons() {
        let (words, blocks) = words_and_blocks(&lesson);
        let numbers = any.find_iter(&blocks).map(|it| number(it.as_str()));
        let mut known: Vec<u64> = numbers.collect();
        // All schedules of a file.
        let rows: Vec<_> = row
            .captures_iter(&blocks)
            .map(|row| (row[1].to_owned(), number(&row[2])))
            .collect();
        for (file, _) in &rows {
            known.push(
                rows.iter()
                    .filter(|(other, _)| other == file)
                    .map(|(_, count)| count)
                    .sum(),
            );
        }
        known.push(rows.iter().map(|(_, count)| count).sum());
        for said in said.captures_iter(&words) {
            assert!(
                known.contains(&number(&said[1])),
                "{lesson}: no report has {}",
                &said[0]
            );
            found += 1;
        }
    }
    assert!(found > 10, "{found}");
}

#[test]
fn lines_of_a_file_are_as_many_as_are_said() {
    let said = Regex::new(r"`(\w+\.rs)`[^.`]{0,60}? (\d+) lines").unwrap();
    let mut found = 0;
    for lesson in lessons() {
        let (words, _) = words_and_blocks(&lesson);
        for said in said.captures_iter(&words) {
            let lines = read(format!("lessons/{lesson}/src/{}", &said[1]))
                .lines()
                .count() as f64;
            let ratio = number(&said[2]) as f64 / lines;
            assert!(
                (0.9..1.1).contains(&ratio),
                "{lesson}: {} has {lines}",
                &said[0]
            );
            found += 1;
        }
    }
    assert!(found > 0);
}
