//! Code of files that follows each other, side by side.

use std::fmt::Write as _;
use std::mem;

use across::items::Language;

use crate::Error;
use crate::code::{block, coloured};

/// The most columns of code that fit side by side, with letters that can still be read.
const FIT: usize = 142;
/// How many columns the edges of a block take.
const EDGES: usize = 3;
/// The narrowest block: its caption needs room as well.
const NARROWEST: usize = 40;

/// Code that stands together: of Python and of Rust, with a paragraph between them at most.
#[derive(Default)]
pub struct Pair {
    figures: String,
    /// What has been said since the last block, with its empty lines.
    words: String,
    /// Whether the first block is Python.
    python: bool,
    /// Of each block, its longest line.
    columns: Vec<usize>,
}

impl Pair {
    /// One more block of a file; `file` is the link to it.
    pub fn add(&mut self, language: &str, file: &str, code: &str) -> Result<(), Error> {
        let language = Language::of(language).ok_or("a file is Python or Rust")?;
        let words = mem::take(&mut self.words);
        if self.columns.is_empty() {
            self.python = language == Language::Python;
        }
        let html = block("", &coloured(code, Some(language))?);
        write!(
            self.figures,
            "<figure>\n\n{}\n\n<figcaption>\n\n{language:?} {file}\n\n</figcaption>{html}</figure>\n",
            words.trim()
        )?;
        let longest = code.lines().map(|line| line.chars().count()).max();
        self.columns.push(longest.unwrap_or(0).max(NARROWEST));
        Ok(())
    }

    /// Whether a block in this language stands beside what there is: Rust beside Python.
    pub fn takes(&self, language: &str) -> bool {
        let rust = Language::of(language) == Some(Language::Rust);
        self.columns.is_empty() || (self.columns.len() == 1 && self.python && rust)
    }

    /// Takes a line of words that may stand between two blocks: the second one's paragraph.
    /// `next` is how the line begins that leads to the next chapter.
    pub fn goes_on(&mut self, line: &str, next: &str) -> bool {
        let other = line.starts_with(['#', '|', '-', '[', '<', '>', '*']) || line.starts_with(next);
        let second = !self.words.trim().is_empty() && self.words.ends_with("\n\n");
        if self.columns.len() != 1 || other || (second && !line.is_empty()) {
            return false;
        }
        self.words += line;
        self.words.push('\n');
        true
    }

    /// What there is of it, which is nothing afterwards. The style sheet makes letters of a size
    /// with which the longest lines fit; blocks that are too wide stand one below the other.
    pub fn take(&mut self) -> String {
        let Self {
            figures,
            columns,
            words,
            ..
        } = mem::take(self);
        let sum: usize = columns.iter().sum();
        let widest = columns.iter().max().copied().unwrap_or(0);
        let shares: Vec<_> = columns
            .iter()
            .map(|columns| format!("minmax(0, {}fr)", columns + EDGES))
            .collect();
        let html = match columns.len() {
            0 => String::new(),
            2 if sum <= FIT => format!(
                "<div class=pair><div class=columns style=\"--columns: {}; --widest: {widest}; --shares: {}\">\n{figures}</div></div>\n\n",
                sum + 2 * EDGES,
                shares.join(" ")
            ),
            _ => format!(
                "<div class=pair><div class=stacked style=\"--widest: {widest}\">\n{figures}</div></div>\n\n"
            ),
        };
        html + &words
    }
}
