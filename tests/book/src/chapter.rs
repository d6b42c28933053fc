//! A page: the words of its source, and beside them what only a page can show.
//!
//! The words stay as they are. A block of output is followed by the timeline of that very run;
//! a schedule becomes a drawn table, a dialogue of `just play` a game; a block that the
//! compiler refuses says so. Code of the Python version and of the lesson that follow each other
//! stand side by side. Before the last line come all files of the lesson.

use std::fmt::Write as _;
use std::fs;
use std::mem;

use across::items::{Language, is_caption};

use crate::code::{block, coloured};
use crate::html::escape;
use crate::{Error, console, links, read, root, steps, timeline};

/// The lesson whose chapter this is, if it is one.
pub fn lesson(source: &str) -> Option<&str> {
    source.strip_prefix("lessons/")?.strip_suffix("/README.md")
}

/// Whether a page shows this file of its lesson.
pub fn shows(file: &str) -> bool {
    file.starts_with("src/") || file == "lesson.py"
}

/// What a link to such a file leads to.
pub fn id(file: &str) -> String {
    file.replace(['/', '.', '_'], "-")
}

/// The page of this source.
pub fn page(source: &str) -> Result<String, Error> {
    let text = read(source);
    let mut page = Page {
        source,
        lesson: lesson(source),
        made: String::new(),
        section: String::new(),
        drawing: None,
        caption: None,
        side_by_side: false,
        game: None,
        files: None,
    };
    if let Some(lesson) = page.lesson {
        page.game = game(lesson)?;
        page.files = Some(files(lesson)?);
    }
    let mut parts = split(&text).into_iter().peekable();
    while let Some(part) = parts.next() {
        match part {
            Part::Words(words) => page.words(&words)?,
            Part::Block { info, body } => {
                let varies = match parts.peek() {
                    Some(Part::Words(words)) => {
                        words.trim_start().split("\n\n").next().unwrap_or("")
                    }
                    _ => "",
                };
                page.block(&info, &body, varies)?;
            }
        }
    }
    page.end_section();
    page.made += &page.files.take().unwrap_or_default();
    Ok(page.made)
}

enum Part {
    Words(String),
    Block { info: String, body: String },
}

/// Words and fenced blocks, in turn.
fn split(text: &str) -> Vec<Part> {
    let (mut parts, mut words, mut lines) = (Vec::new(), String::new(), text.lines());
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            words += line;
            words.push('\n');
            continue;
        };
        parts.push(Part::Words(mem::take(&mut words)));
        let body = lines.by_ref().take_while(|line| *line != "```");
        let body = body.map(|line| line.to_owned() + "\n").collect();
        parts.push(Part::Block {
            info: info.to_owned(),
            body,
        });
    }
    parts.push(Part::Words(words));
    parts
}

struct Page<'a> {
    source: &'a str,
    lesson: Option<&'a str>,
    made: String,
    /// The title of the section that is under way.
    section: String,
    /// The timeline of the last run, until what varies in it has been said.
    drawing: Option<String>,
    /// The file that the next block is of, as a link.
    caption: Option<String>,
    /// Code of files stands side by side, until words come between.
    side_by_side: bool,
    /// What is to be played, until it has found its place.
    game: Option<String>,
    /// The files of the lesson, until the chapter leads to the next one.
    files: Option<String>,
}

impl Page<'_> {
    fn words(&mut self, words: &str) -> Result<(), Error> {
        let mut said = false;
        for line in links::lead_into_book(self.source, words)?.lines() {
            if is_caption(line) {
                let link = line
                    .split_once("), `")
                    .map(|(link, _)| link.to_owned() + ")");
                self.caption = link;
                continue;
            }
            if !line.is_empty() {
                self.end_side_by_side();
            }
            said |= !line.is_empty();
            if said
                && line.is_empty()
                && let Some(drawing) = self.drawing.take()
            {
                write!(self.made, "\n{drawing}")?;
            }
            if let (Some(title), Some(_)) = (line.strip_prefix("## "), self.lesson) {
                self.end_section();
                self.section = title.to_owned();
            } else if line.starts_with("Next: ") {
                self.made += &self.files.take().unwrap_or_default();
            }
            self.made += line;
            self.made.push('\n');
        }
        Ok(())
    }

    /// The game comes where the chapter shows it, or else at the end of what is proved.
    fn end_section(&mut self) {
        if self.section == "Proved" {
            self.made += &self.game.take().unwrap_or_default();
        }
    }

    fn block(&mut self, info: &str, body: &str, varies: &str) -> Result<(), Error> {
        let command = body.lines().next().unwrap_or_default();
        let mut words = info.split(',');
        match (words.next().unwrap_or_default(), words.next(), words.next()) {
            ("console", ..) if command.starts_with("$ just play") => {
                let dialogue = console::output(body, "");
                let game = self.game.take().unwrap_or_default();
                write!(
                    self.made,
                    "{game}\n<details><summary>The same in a terminal</summary>\n{dialogue}</details>\n\n"
                )?;
            }
            ("console", ..) if command.starts_with("$ just prove") => self.proof(body)?,
            ("console", ..) => {
                self.made += &console::output(body, varies);
                self.made.push('\n');
                if let Some(lesson) = command.strip_prefix("$ cargo run -p lesson-") {
                    let trace = recording(lesson, "trace")?.ok_or("no trace was recorded")?;
                    self.drawing =
                        Some(timeline::figure(&trace, &format!("Timeline of {lesson}"))?);
                }
            }
            ("rust", Some("compile_fail"), code) => {
                let code = code.map_or(String::new(), |code| format!("[{code}]"));
                let html = coloured(body, Some(Language::Rust))?;
                let html = block("", &refused(&html));
                write!(
                    self.made,
                    "<figure class=refused>{html}\n\
                     <figcaption>The compiler refuses this: <code>error{code}</code></figcaption></figure>\n\n"
                )?;
            }
            (language, None, None) => {
                let html = block("", &coloured(body, Language::of(language))?);
                if let Some(file) = self.caption.take() {
                    self.side_by_side(language, &file, &html)?;
                } else {
                    write!(self.made, "{html}\n\n")?;
                }
            }
            _ => return Err(format!("what is a block '{info}'?").into()),
        }
        Ok(())
    }

    /// Code of a file, beside what stands there already.
    fn side_by_side(&mut self, language: &str, file: &str, html: &str) -> Result<(), Error> {
        if !mem::replace(&mut self.side_by_side, true) {
            self.made += "<div class=pair>\n";
        }
        let language = Language::of(language).ok_or("a file is Python or Rust")?;
        write!(
            self.made,
            "<figure><figcaption>\n\n{language:?} {file}\n\n</figcaption>{html}</figure>\n"
        )?;
        Ok(())
    }

    fn end_side_by_side(&mut self) {
        if mem::take(&mut self.side_by_side) {
            self.made += "</div>\n\n";
        }
    }

    /// The report of `just prove`, its schedule drawn.
    fn proof(&mut self, body: &str) -> Result<(), Error> {
        let schedule = body.find("A shortest schedule that breaks ");
        let Some(start) = schedule else {
            self.made += &console::output(body, "");
            self.made.push('\n');
            return Ok(());
        };
        let lesson = self.lesson.ok_or("a schedule without a lesson")?;
        let graph = recording(lesson, "graph")?.ok_or("no graph was recorded")?;
        let total = body.trim_end().lines().last().unwrap_or_default();
        let report = format!("{}{total}\n", &body[..start]);
        let report = console::output(&report, "");
        write!(self.made, "{report}\n{}\n", steps::figure(&graph)?)?;
        Ok(())
    }
}

/// What was recorded of a lesson: its `trace` or its `graph`, as JSON.
fn recording(lesson: &str, what: &str) -> Result<Option<String>, Error> {
    let file = root().join(format!("docs/recordings/{lesson}.{what}.json"));
    match fs::exists(&file)? {
        true => Ok(Some(fs::read_to_string(file)?)),
        false => Ok(None),
    }
}

/// The place of a game, with all states that it is played on.
fn game(lesson: &str) -> Result<Option<String>, Error> {
    let Some(graph) = recording(lesson, "graph")? else {
        return Ok(None);
    };
    // Nothing in it can end the element that it stands in.
    let graph = graph.trim().replace('<', "\\u003c");
    Ok(Some(format!(
        "<div class=\"play\" data-lesson=\"{lesson}\"><p>This is a game that needs JavaScript. In a \
         terminal it is <code>just play {lesson}</code>.</p>\
         <script type=\"application/json\">{graph}</script></div>\n\n"
    )))
}

/// Each line that ends in a comment is one that the compiler refuses.
fn refused(html: &str) -> String {
    let lines = html
        .lines()
        .map(|line| match line.split_once("<span class=c>//") {
            Some((code, _)) if !code.trim().is_empty() => format!("<mark>{line}</mark>\n"),
            _ => format!("{line}\n"),
        });
    lines.collect()
}

/// The files of a lesson, each to be opened.
fn files(lesson: &str) -> Result<String, Error> {
    let folder = root().join("lessons").join(lesson);
    let mut files = vec!["lesson.py".to_owned()];
    for entry in fs::read_dir(folder.join("src"))? {
        let name = entry?.file_name();
        files.push(format!("src/{}", name.to_string_lossy()));
    }
    files.sort();
    let mut html = "## The files\n\n".to_owned();
    for file in files {
        let source = read(format!("lessons/{lesson}/{file}"));
        let code = coloured(&source, Language::of(&file))?;
        let code = block(&format!(" id={}", id(&file)), &code);
        let lines = source.lines().count();
        write!(
            html,
            "<details class=file><summary><code>{}</code>, {lines} lines</summary>{code}</details>\n\n",
            escape(&file)
        )?;
    }
    Ok(html)
}
