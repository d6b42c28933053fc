//! The exercises of `just try`, from their folders: `<!-- exercises -->` in a page is a table of
//! all, `<!-- exercises: race lock -->` those of these lessons, with everything folded that
//! would tell too much. With an exercise are the levels that go with it, by the recordings in
//! `docs/recordings/levels`.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::BufReader;

use across::items::Language;
use regex_lite::{Captures, Regex};
use serde::Deserialize;

use crate::code::{block, coloured};
use crate::tongue::Tongue;
use crate::{Error, lessons, read, root};

/// The pages, in their order.
const PAGES: [&str; 3] = [
    "exercises-threads",
    "exercises-processes",
    "exercises-async",
];

/// What the page shows of `task.toml`.
#[derive(Deserialize)]
struct Task {
    title: String,
    minutes: u32,
    goal: String,
    judge: String,
    task: String,
    hints: Vec<String>,
}

/// The names of a lesson's exercises, in their order.
fn names(lesson: &str) -> Result<Vec<String>, Error> {
    let folder = root().join(format!("lessons/{lesson}/exercises"));
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn file(lesson: &str, name: &str, file: &str) -> String {
    format!("lessons/{lesson}/exercises/{name}/{file}")
}

fn task(lesson: &str, name: &str, tongue: Tongue) -> Result<Task, Error> {
    let mut task: Task = toml::from_str(&read(file(lesson, name, "task.toml")))?;
    if let Some(words) = tongue.tasks(lesson, "exercises")?.remove(name) {
        (task.title, task.task, task.hints) = (words.title, words.task, words.hints);
    }
    Ok(task)
}

/// What there is to play before an exercise.
#[derive(Deserialize)]
struct Level {
    name: String,
    title: String,
    exercise: Option<String>,
}

/// The levels of all exercises, in the order of their names.
fn levels() -> Result<Vec<Level>, Error> {
    let mut levels = Vec::new();
    let Ok(recordings) = fs::read_dir(root().join("docs/recordings/levels")) else {
        return Ok(levels);
    };
    for recording in recordings {
        levels.push(serde_json::from_reader(BufReader::new(File::open(
            recording?.path(),
        )?))?);
    }
    levels.sort_by(|one: &Level, other| one.name.cmp(&other.name));
    Ok(levels)
}

/// The page that has the exercises of this lesson.
pub fn page_of(lesson: &str) -> Result<&'static str, Error> {
    let lists = |page: &&str| {
        let text = read(format!("docs/{page}.md"));
        let list = text.split("<!-- exercises: ").nth(1);
        let list = list.and_then(|list| list.split(" -->").next());
        list.is_some_and(|list| list.split(' ').any(|name| name == lesson))
    };
    let page = PAGES.into_iter().find(|page| lists(page));
    page.ok_or_else(|| format!("no page has the exercises of {lesson}").into())
}

/// A chapter's list of its exercises, each a link to where it is.
pub fn linked(lesson: &str, line: &str) -> Result<String, Error> {
    let item = Regex::new(r"^- (`just try ([a-z0-9-]+)`)([:：])").expect("a pattern");
    if !item.is_match(line) {
        return Ok(line.to_owned());
    }
    let page = page_of(lesson)?;
    let link = |item: &Captures| format!("- [{}](../{page}.md#{}){}", &item[1], &item[2], &item[3]);
    Ok(item.replace(line, link).into_owned())
}

/// All exercises, as a table.
pub fn table(tongue: Tongue) -> Result<String, Error> {
    let mut table = tongue
        .say("| name | exercise | you | minutes | judged |")
        .to_owned();
    table += "\n|---|---|---|---|---|\n";
    for lesson in lessons() {
        let page = page_of(&lesson)?;
        for name in names(&lesson)? {
            let task = task(&lesson, &name, tongue)?;
            writeln!(
                table,
                "| {name} | [{}]({page}.md#{name}) | {} | {} | {} |",
                task.title,
                tongue.say(&task.goal),
                task.minutes,
                judged(&task, tongue)?
            )?;
        }
    }
    Ok(table + "\n")
}

/// How, in the words of `docs/verdicts.md`.
fn judged(task: &Task, tongue: Tongue) -> Result<&'static str, Error> {
    match task.judge.as_str() {
        "orders" => Ok(tongue.say("in every order")),
        "processes" => Ok(tongue.say("with real processes")),
        "clock" => Ok(tongue.say("under a paused clock")),
        other => Err(format!("what is the judge '{other}'?").into()),
    }
}

/// The exercises of these lessons.
pub fn exercises(lessons: &str, tongue: Tongue) -> Result<String, Error> {
    let mut page = String::new();
    let levels = levels()?;
    for lesson in lessons.split(' ') {
        let title = tongue.lesson(lesson);
        let chapter = "The chapter [{title}](lessons/{lesson}.md).";
        let chapter = tongue.fill(chapter, &[("title", &title), ("lesson", lesson)]);
        write!(page, "## {title} {{#{lesson}}}\n\n{chapter}\n\n")?;
        for name in names(lesson)? {
            page += &exercise(lesson, &name, &levels, tongue)?;
        }
    }
    Ok(page)
}

fn exercise(lesson: &str, name: &str, levels: &[Level], tongue: Tongue) -> Result<String, Error> {
    let task = task(lesson, name, tongue)?;
    let head = "`just try {name}`: {goal}, {minutes} minutes, judged {how}.";
    let head = tongue.fill(
        head,
        &[
            ("name", name),
            ("goal", tongue.say(&task.goal)),
            ("minutes", &task.minutes.to_string()),
            ("how", judged(&task, tongue)?),
        ],
    );
    let mut html = format!(
        "### {} {{#{name}}}\n\n{head}\n\n{}\n\n",
        task.title, task.task
    );
    let titles = tongue.tasks(lesson, "levels")?;
    for level in levels {
        if level.exercise.as_deref() == Some(name) {
            let Level { name, title, .. } = level;
            let title = titles.get(name).map_or(title, |words| &words.title);
            let first = "To play first: [{title}](lessons/{lesson}.md#{name}), `just play {name}`.";
            let places = [
                ("title", title.as_str()),
                ("lesson", lesson),
                ("name", name),
            ];
            write!(html, "{}\n\n", tongue.fill(first, &places))?;
        }
    }
    html += &folded(
        lesson,
        name,
        "start.rs",
        tongue.say("What you begin with"),
        tongue,
    )?;
    if root().join(file(lesson, name, "before.py")).exists() {
        html += &folded(
            lesson,
            name,
            "before.py",
            tongue.say("The Python version"),
            tongue,
        )?;
    }
    // Each hint is in the one before it.
    for (number, hint) in (1..).zip(&task.hints) {
        let title = tongue.fill("Hint {number}", &[("number", &number.to_string())]);
        write!(
            html,
            "<details class=hint><summary>{title}</summary>\n\n{hint}\n\n"
        )?;
    }
    html += &"</details>".repeat(task.hints.len());
    html += "\n\n";
    html += &folded(
        lesson,
        name,
        "solution.rs",
        tongue.say("Our solution"),
        tongue,
    )?;
    Ok(html)
}

/// A file of the exercise, to be opened.
fn folded(
    lesson: &str,
    name: &str,
    shown: &str,
    what: &str,
    tongue: Tongue,
) -> Result<String, Error> {
    let source = read(file(lesson, name, shown));
    let code = block("", &coloured(&source, Language::of(shown))?);
    let lines = source.lines().count().to_string();
    let summary = tongue.fill(
        "{what}, {lines} lines",
        &[("what", what), ("lines", &lines)],
    );
    Ok(format!(
        "<details class=file><summary>{summary}</summary>{code}</details>\n\n"
    ))
}
