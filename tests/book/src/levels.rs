//! The levels of the game: `docs/theme/play.js` plays them.
//!
//! A page lists its levels; what a level is played on are scripts of its own. A page that is
//! opened from disk may load scripts, but no data, and loads only those of what is played.

use std::fmt::Write as _;
use std::fs;

use across::items::Language;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::code::coloured;
use crate::html::emphasised;
use crate::html::escape;
use crate::tongue::Tongue;
use crate::{Error, exercises, lessons, root};

/// A level as it was recorded; `rest` is what only the game looks at.
#[derive(Deserialize, Serialize)]
pub struct Level {
    name: String,
    lesson: String,
    title: String,
    task: String,
    /// The steps of a shortest way to the goal; nothing where the task is to show that there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    shortest: Option<usize>,
    /// The file as it is, and then the changes of it.
    versions: Vec<Version>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize, Serialize)]
struct Version {
    files: Vec<File>,
    schedules: u64,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize, Serialize)]
struct File {
    name: String,
    parts: Vec<Part>,
}

#[derive(Deserialize, Serialize)]
struct Part {
    /// The number of the first line.
    first: usize,
    lines: Vec<String>,
}

/// All levels: the lessons in the order of the tutorial, and the levels of each by name.
pub fn levels() -> Result<Vec<Level>, Error> {
    let mut levels = Vec::new();
    for entry in fs::read_dir(root().join("docs/recordings/levels"))? {
        let path = entry?.path();
        let told = |error| format!("{}: {error}", path.display());
        let level: Level = serde_json::from_str(&fs::read_to_string(&path)?).map_err(told)?;
        levels.push(level);
    }
    let lessons = lessons();
    let lesson = |level: &Level| lessons.iter().position(|lesson| *lesson == level.lesson);
    levels.sort_by_key(|level| (lesson(level), level.name.len(), level.name.clone()));
    Ok(levels)
}

impl Level {
    /// Its scripts, by the names of their files: each is data, as a property of the element that loads it.
    /// A change of the file is loaded when it is chosen. The code is coloured.
    pub fn scripts(mut self, tongue: Tongue) -> Result<Vec<(String, String)>, Error> {
        self.translate(tongue)?;
        let files = self.versions.iter_mut().flat_map(|it| &mut it.files);
        for part in files.flat_map(|file| &mut file.parts) {
            part.lines = coloured_lines(&part.lines)?;
        }
        if let Some(exercise) = self.rest.get("exercise").and_then(Value::as_str) {
            let page = format!("{}.html#{exercise}", exercises::page_of(&self.lesson)?);
            self.rest.insert("page".into(), page.into());
        }
        let script = |it: &Value| format!("document.currentScript.level={it}\n");
        let mut level = serde_json::to_value(&self)?;
        let changes = level["versions"].as_array_mut().into_iter().flatten();
        let mut scripts = Vec::new();
        for (number, change) in changes.enumerate().skip(1) {
            scripts.push((format!("{}.{number}.js", self.name), script(change)));
            let shown = |key: &String, _: &mut Value| matches!(key.as_str(), "change" | "diff");
            change.as_object_mut().ok_or("no change")?.retain(shown);
        }
        scripts.push((format!("{}.js", self.name), script(&level)));
        Ok(scripts)
    }

    /// Its entry in a list; the page that it is played on is `page`.
    fn entry(&self, page: &str) -> String {
        let Self { name, .. } = self;
        let (title, task) = (escape(&self.title), emphasised(&escape(&self.task)));
        format!("<a data-level={name} href=\"{page}#{name}\">{title}</a> <span>{task}</span>")
    }

    /// How far it is to the goal.
    fn size(&self, tongue: Tongue) -> String {
        match self.shortest {
            Some(1) => tongue.say("1 step").to_owned(),
            Some(steps) => tongue.fill("{steps} steps", &[("steps", &steps.to_string())]),
            None => {
                let schedules = self.versions[0].schedules.to_string();
                tongue.fill("{} schedules", &[("", &schedules)])
            }
        }
    }

    /// Its words in this language.
    fn translate(&mut self, tongue: Tongue) -> Result<(), Error> {
        let Some(words) = tongue.tasks(&self.lesson, "levels")?.remove(&self.name) else {
            return Ok(());
        };
        (self.title, self.task) = (words.title, words.task);
        for (version, change) in self.versions.iter_mut().skip(1).zip(words.changes) {
            version.rest.insert("change".into(), change.into());
        }
        Ok(())
    }
}

/// The place of a game with the levels of a lesson, or with the one level of this name.
pub fn board(which: &str, tongue: Tongue) -> Result<Option<String>, Error> {
    let here = |level: &Level| level.lesson == which || level.name == which;
    let mut levels: Vec<_> = levels()?.into_iter().filter(here).collect();
    for level in &mut levels {
        level.translate(tongue)?;
    }
    let Some(Level { lesson, name, .. }) = levels.first() else {
        return Ok(None);
    };
    let items = levels.iter().map(|level| {
        let entry = level.entry("");
        format!("<li id={}>{entry}</li>", level.name)
    });
    let items: String = items.collect();
    let needs =
        "This is a game that needs JavaScript. In a terminal it is <code>just play {name}</code>.";
    let needs = tongue.fill(needs, &[("name", name)]);
    Ok(Some(format!(
        "<div class=\"play\" data-lesson=\"{lesson}\"><ol>{items}</ol><p>{needs}</p></div>\n\n"
    )))
}

/// All levels, by lesson, each with a way to the page where it is played.
pub fn list(tongue: Tongue) -> Result<String, Error> {
    let mut levels = levels()?;
    for level in &mut levels {
        level.translate(tongue)?;
    }
    let mut html = String::new();
    for levels in levels.chunk_by(|one, other| one.lesson == other.lesson) {
        let lesson = &levels[0].lesson;
        let title = tongue.lesson(lesson);
        writeln!(html, "## {title} {{#{lesson}}}\n\n<ol class=levels>")?;
        for level in levels {
            let entry = level.entry(&format!("lessons/{lesson}.html"));
            writeln!(
                html,
                "<li>{entry} <small>{}</small></li>",
                level.size(tongue)
            )?;
        }
        html += "</ol>\n\n";
    }
    Ok(html)
}

/// Coloured code, each line for itself: what is open at the end of a line is closed there, and goes on
/// in the next.
fn coloured_lines(lines: &[String]) -> Result<Vec<String>, Error> {
    let html = coloured(&(lines.join("\n") + "\n"), Some(Language::Rust))?;
    let mut open = Vec::new();
    let lines = html.lines().map(|line| {
        let before: String = open.iter().map(|tag| format!("<{tag}>")).collect();
        for piece in line.split('<').skip(1) {
            match piece.strip_prefix('/') {
                Some(_) => drop(open.pop()),
                None => open.extend(piece.chars().next()),
            }
        }
        let after: String = open.iter().rev().map(|tag| format!("</{tag}>")).collect();
        format!("{before}{line}{after}")
    });
    Ok(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_coloured_for_itself() {
        let lines = ["/* One", "two */ fn", "1 < 2"].map(str::to_owned);
        let lines = coloured_lines(&lines).unwrap();
        assert_eq!(
            lines,
            ["<i>/* One</i>", "<i>two */</i> <b>fn</b>", "1 &lt; 2"]
        );
    }
}
