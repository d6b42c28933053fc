//! A page: the words of its source, and beside them what only a page can show.
//!
//! The words stay as they are. A block of output is followed by the timeline of that very run,
//! in whose place the terminal's is folded; a schedule becomes a drawn table, a dialogue of
//! `just play` a game; a block that the compiler refuses says so. A question comes with what
//! there is to choose from, and folds the block that answers it, with the words that explain
//! that one. Code of the Python version and
//! of the lesson that follow each other stand side by side. Before the last line come all files
//! of the lesson.

use std::collections::VecDeque;
use std::fmt::Write as _;

use across::items::Language;
use across::parts::{Part, split};
use across::questions::Question;

use crate::code::{block, coloured};
use crate::files::files;
use crate::front::gallery;
use crate::levels::{board, list};
use crate::pair::Pair;
use crate::places::lesson;
use crate::recordings::recording;
use crate::tongue::Tongue;
use crate::{Error, console, exercises, links, predict, read, steps, timeline};

/// The page of this English source, in a language.
pub fn page(english: &str, tongue: Tongue) -> Result<String, Error> {
    let source = &tongue.source(english);
    let text = read(source);
    // What varies in an output is said in the same words for the program that compares it.
    let parts = split(&read(english));
    let behind = |place: usize| match parts.get(place + 1) {
        Some(Part::Words(words)) => words.trim_start().split("\n\n").next().unwrap_or(""),
        _ => "",
    };
    let mut page = Page {
        source,
        tongue,
        lesson: lesson(english),
        made: String::new(),
        questions: VecDeque::new(),
        question: None,
        asked: 0,
        drawing: None,
        folded: None,
        caption: None,
        pair: Pair::default(),
        game: None,
        files: None,
    };
    if let Some(lesson) = page.lesson {
        page.game = board(lesson, tongue)?;
        page.files = Some(files(lesson, tongue)?);
        page.questions = tongue.questions(lesson, &text)?.into();
    }
    let ours = split(&text);
    let last = ours.len().saturating_sub(1);
    for (place, part) in ours.into_iter().enumerate() {
        match part {
            Part::Words(words) => page.words(&words, place < last)?,
            Part::Block { info, body } => {
                page.ask(&info, &body)?;
                page.block(&info, &body, behind(place))?;
            }
        }
    }
    page.made += &page.pair.take();
    page.made += &page.files.take().unwrap_or_default();
    Ok(page.made)
}

struct Page<'a> {
    source: &'a str,
    tongue: Tongue,
    lesson: Option<&'a str>,
    made: String,
    /// What the chapter has yet to ask.
    questions: VecDeque<Question>,
    /// What is asked in front of the next block.
    question: Option<Question>,
    /// How many questions there were.
    asked: usize,
    /// The timeline of the last run, until what varies in it has been said.
    drawing: Option<String>,
    /// The answer to a question that is under way, and whether it is code.
    folded: Option<bool>,
    /// The file that the next block is of, as a link.
    caption: Option<String>,
    /// The code of files since the last words.
    pair: Pair,
    /// What is to be played, until it has found its place.
    game: Option<String>,
    /// The files of the lesson, until the chapter leads to the next one.
    files: Option<String>,
}

impl Page<'_> {
    fn words(&mut self, words: &str, leads: bool) -> Result<(), Error> {
        let mut said = false;
        let words = links::lead_into_book(self.source, words)?;
        let explained = self
            .folded
            .map(|code| predict::explained(&words, code, leads, self.tongue));
        for (place, line) in words.lines().enumerate() {
            if explained == Some(place) {
                self.unfold();
            }
            if let Some(link) = self.tongue.caption(line) {
                self.caption = Some(link);
                continue;
            }
            if self.pair.goes_on(line, self.tongue.say("Next: ")) {
                continue;
            }
            self.made += &self.pair.take();
            if line.starts_with(self.tongue.asks()) {
                self.question = self.questions.pop_front();
            }
            if self.question.is_some() && (line.starts_with('>') || line.is_empty()) {
                continue;
            }
            if let Some(made) = made_for(line, self.tongue)? {
                self.made += &made;
                continue;
            }
            said |= !line.is_empty();
            if said
                && line.is_empty()
                && let Some(drawing) = self.drawing.take()
            {
                write!(self.made, "\n{drawing}")?;
            }
            if line == self.tongue.say("## Common mistakes") {
                self.end_of_checks();
            } else if line.starts_with(self.tongue.say("Next: ")) {
                self.made += &self.files.take().unwrap_or_default();
            }
            self.made += &match self.lesson {
                Some(lesson) => exercises::linked(lesson, line)?,
                None => line.to_owned(),
            };
            self.made.push('\n');
        }
        self.unfold();
        Ok(())
    }

    /// The game comes where the chapter shows it, or else after the report of the search; where there is
    /// none, in a section of its own.
    fn end_of_checks(&mut self) {
        let Some(game) = self.game.take() else { return };
        let checked = self.tongue.say("## Checked in every order");
        if !self.made.contains(&format!("\n{checked}\n")) {
            self.made += self.tongue.say("## Be the scheduler");
            self.made += "\n\n";
        }
        self.made += &game;
    }

    /// Asks what the chapter asks in front of this block, which is folded until it has been checked.
    fn ask(&mut self, info: &str, body: &str) -> Result<(), Error> {
        if let Some(question) = self.question.take() {
            self.asked += 1;
            self.made += &predict::opening(&question, self.asked, body, self.tongue)?;
            self.folded = Some(info != "console");
        }
        Ok(())
    }

    /// The end of what is folded behind a question.
    fn unfold(&mut self) {
        if self.folded.take().is_some() {
            self.made += predict::CLOSING;
        }
    }

    fn block(&mut self, info: &str, body: &str, varies: &str) -> Result<(), Error> {
        let command = body.lines().next().unwrap_or_default();
        if self.caption.is_none() || !self.pair.takes(info) {
            self.made += &self.pair.take();
        }
        let mut words = info.split(',');
        match (words.next().unwrap_or_default(), words.next(), words.next()) {
            ("console", ..) if command.starts_with("$ just play") => {
                let dialogue = console::output(body, "");
                let game = self.game.take().unwrap_or_default();
                write!(
                    self.made,
                    "{game}\n<details><summary>{}</summary>\n{dialogue}</details>\n\n",
                    self.tongue.say("The same in a terminal")
                )?;
            }
            ("console", ..) if command.starts_with("$ just prove") => self.proof(body)?,
            ("console", ..) => {
                self.made += &console::run(body, varies, self.tongue);
                self.made.push('\n');
                if let Some(lesson) = command.strip_prefix("$ cargo run -p lesson-") {
                    let trace = recording(lesson, "trace")?.ok_or("no trace was recorded")?;
                    let python = recording(lesson, "python.trace")?;
                    let python = python.as_deref();
                    let drawing = timeline::figure(&trace, python, lesson, self.tongue)?;
                    self.drawing = Some(drawing);
                }
            }
            ("rust", Some("compile_fail"), code) => {
                let code = code.map_or(String::new(), |code| format!("[{code}]"));
                let html = coloured(body, Some(Language::Rust))?;
                let html = block("", &refused(&html));
                let refuses = "The compiler refuses this: <code>error{code}</code>";
                let caption = self.tongue.fill(refuses, &[("code", &code)]);
                write!(
                    self.made,
                    "<figure class=refused>{html}\n<figcaption>{caption}</figcaption></figure>\n\n"
                )?;
            }
            (language, None, None) => {
                if let Some(file) = self.caption.take() {
                    self.pair.add(language, &file, body)?;
                } else {
                    let html = block("", &coloured(body, Language::of(language))?);
                    write!(self.made, "{html}\n\n")?;
                }
            }
            _ => return Err(format!("what is a block '{info}'?").into()),
        }
        Ok(())
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
        write!(
            self.made,
            "{report}\n{}\n",
            steps::figure(&graph, self.tongue)?
        )?;
        Ok(())
    }
}

/// What only a page can show in the place of a comment: `<!-- play: race-1 -->` is a level of the game,
/// `<!-- levels -->` a way to each of them, `<!-- timelines -->` one to each lesson; for
/// `<!-- exercises -->` see [`exercises`].
fn made_for(line: &str, tongue: Tongue) -> Result<Option<String>, Error> {
    let comment = line.strip_prefix("<!-- ");
    match comment.and_then(|comment| comment.strip_suffix(" -->")) {
        Some("timelines") => gallery(tongue).map(Some),
        Some("levels") => list(tongue).map(Some),
        Some("exercises") => exercises::table(tongue).map(Some),
        Some(comment) => match comment.split_once(": ") {
            Some(("play", level)) => {
                Ok(Some(board(level, tongue)?.ok_or("there is no such level")?))
            }
            Some(("exercises", lessons)) => exercises::exercises(lessons, tongue).map(Some),
            _ => Ok(None),
        },
        None => Ok(None),
    }
}

/// Each line that ends in a comment is one that the compiler refuses.
fn refused(html: &str) -> String {
    let lines = html.lines().map(|line| match line.split_once("<i>//") {
        Some((code, _)) if !code.trim().is_empty() => format!("<mark>{line}</mark>\n"),
        _ => format!("{line}\n"),
    });
    lines.collect()
}
