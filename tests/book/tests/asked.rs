//! What the book asks: the questions of the chapters, and the exercises.

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

use across::questions::{BEGINS, questions};
use across::{lessons, read, root};
use book::tongue::Tongue;
use scraper::{ElementRef, Html, Selector};

static PAGES: LazyLock<std::collections::BTreeMap<String, String>> =
    LazyLock::new(|| book::pages(Tongue::English).unwrap());

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(element: ElementRef) -> String {
    element.text().collect()
}

/// In the order of the chapter, with the key as the recordings have it, and with the block that
/// answers it folded, drawing and all.
#[test]
fn a_question_folds_its_answer() {
    let mut timelines = 0;
    for lesson in lessons() {
        let chapter = read(format!("lessons/{lesson}/README.md"));
        let page = &PAGES[&format!("lessons/{lesson}.md")];
        assert!(!page.contains(BEGINS), "{lesson}");
        let page = Html::parse_fragment(page);
        let shown = select(&page, "div.predict");
        let asked = questions(&lesson).unwrap();
        assert_eq!(shown.len(), asked.len(), "{lesson}");
        assert_eq!(shown.len(), chapter.matches(BEGINS).count(), "{lesson}");
        for (shown, question) in shown.into_iter().zip(asked) {
            let html = Html::parse_fragment(&shown.html());
            let key: Vec<_> = select(&html, "label:has(.key)")
                .into_iter()
                .map(text)
                .collect();
            let key: Vec<_> = key.iter().map(|key| key.trim()).collect();
            assert_eq!(key, question.right().collect::<Vec<_>>(), "{lesson}");
            let choices = question.rows.iter().filter(|row| row.right.is_some());
            assert_eq!(select(&html, "fieldset input").len(), choices.count());
            // Nothing of the answer stands outside of what is folded.
            assert_eq!(
                select(&html, "pre, figure").len(),
                select(&html, "details pre, details figure").len()
            );
            assert!(!select(&html, "div.predict > details > :is(pre, figure)").is_empty());
            timelines += select(&html, "details figure.timeline").len();
            assert!(
                select(&html, "details h2, details .play").is_empty(),
                "{lesson}"
            );
        }
        // A timeline is folded with its output, or with nothing.
        let outputs = select(&page, "details > pre.console");
        let runs = outputs
            .iter()
            .filter(|output| text(**output).starts_with("$ cargo run"));
        let folded = select(&page, "details figure.timeline");
        assert_eq!(runs.count(), folded.len(), "{lesson}");
    }
    assert!(timelines >= 3, "{timelines}");
}

/// A page's text as a reader sees it: without what is folded, other questions, and the game.
fn shown(page: &str) -> String {
    let mut shown = page.to_owned();
    for [from, to] in [
        ["<div class=predict>", "</details></div>"],
        ["<details", "</details>"],
        ["<div class=\"play\"", "</div>"],
    ] {
        while let Some((before, rest)) = shown.split_once(from) {
            let (_, after) = rest.split_once(to).unwrap_or_default();
            shown = format!("{before}{after}");
        }
    }
    text(Html::parse_fragment(&shown).root_element())
}

/// Neither the words of its section above a question tell the answer, nor those below it; and what
/// explains the block that answers it is folded with it.
#[test]
fn no_answer_is_given_away() {
    let mut looked = 0;
    for lesson in lessons() {
        let page = &PAGES[&format!("lessons/{lesson}.md")];
        let mut at = 0;
        for question in questions(&lesson).unwrap() {
            at += page[at..].find("<div class=predict>").unwrap();
            let end = at + page[at..].find("</details></div>").unwrap() + "</details></div>".len();
            let (above, below) = (&page[..at], &page[end..]);
            let above = above.rsplit("\n## ").next().unwrap();
            let below = below.split("\n## ").next().unwrap();
            for key in question.right() {
                let word = |it: char| it.is_alphanumeric() || it == '.';
                for words in [shown(above), shown(below)] {
                    let found = words.match_indices(key).any(|(place, _)| {
                        !words[..place].ends_with(word)
                            && !words[place + key.len()..].starts_with(char::is_alphanumeric)
                    });
                    assert!(!found, "{lesson}: '{key}' is in\n{words}");
                    looked += 1;
                }
            }
            let first = below.trim_start();
            let is_code = question.code || first.starts_with(['#', '<']) || first.is_empty();
            let leads = || {
                first
                    .split("\n\n")
                    .nth(1)
                    .is_some_and(|next| next.starts_with('<'))
            };
            assert!(is_code || leads(), "{lesson}: {first}");
            at = end;
        }
    }
    assert!(looked > 60, "{looked}");
}

/// Each exercise is on one page, whole, with its hints one in the other; its chapter and the
/// table lead to it.
#[test]
fn each_exercise_is_on_a_page() {
    let mut named = BTreeSet::new();
    let table = &PAGES["exercises.md"];
    for lesson in lessons() {
        for folder in fs::read_dir(root().join(format!("lessons/{lesson}/exercises"))).unwrap() {
            let folder = folder.unwrap().path();
            if !folder.is_dir() {
                continue;
            }
            let name = folder.file_name().unwrap().to_str().unwrap();
            let id = format!("{{#{name}}}");
            let pages: Vec<_> = PAGES
                .iter()
                .filter(|(_, page)| page.contains(&id))
                .collect();
            let [(place, page)] = pages[..] else {
                panic!("{name} is on {} pages", pages.len());
            };
            assert!(table.contains(&format!("]({place}#{name})")), "{name}");
            let chapter = &PAGES[&format!("lessons/{lesson}.md")];
            assert!(chapter.contains(&format!("](../{place}#{name})")), "{name}");
            let (_, exercise) = page.split_once(&id).unwrap();
            let exercise = exercise.split("\n### ").next().unwrap();
            let html = Html::parse_fragment(exercise);
            let code: Vec<_> = select(&html, "details pre").into_iter().map(text).collect();
            for file in ["start.rs", "before.py", "solution.rs"] {
                let Ok(source) = fs::read_to_string(folder.join(file)) else {
                    assert_eq!(file, "before.py", "{name}");
                    continue;
                };
                assert!(code.contains(&source), "{name}: {file}");
            }
            assert_eq!(select(&html, ".hint > .hint > .hint").len(), 1, "{name}");
            named.insert(name.to_owned());
        }
    }
    assert_eq!(
        table.lines().filter(|row| row.starts_with("| ")).count(),
        named.len() + 1
    );
    assert!(named.len() > 30, "{named:?}");
}
