//! Numbers and tables, for people.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::panic::Location;

/// 1234567 as 1,234,567.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 step`, `2 steps`.
pub fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", thousands(number as u64))
}

/// The text, or its beginning if it is very long.
pub fn cut(text: &str) -> String {
    const MOST: usize = 1_000;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!(
            "{} ... ({} bytes)",
            &text[..end],
            thousands(text.len() as u64)
        ),
        None => text.to_owned(),
    }
}

/// Cells in columns, a line for each row.
pub fn align(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths);
        let line: Vec<_> = cells
            .map(|(cell, &width)| format!("{cell:<width$}"))
            .collect();
        let _ = writeln!(text, "{}", line.join("  ").trim_end());
    }
    text
}

/// A line with so many before it and behind it, marked. `first` is the number of the first of the
/// `lines` that there are.
pub fn excerpt(first: usize, lines: &[&str], line: usize, around: usize) -> String {
    let from = line.saturating_sub(around).max(first);
    let lines = lines
        .iter()
        .skip(from - first)
        .take(line + around + 1 - from);
    let lines: Vec<_> = lines.copied().collect();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let indent = filled.map(indent).min().unwrap_or(0);
    let mut text = String::new();
    for (number, code) in (from..).zip(lines) {
        let mark = if number == line { '>' } else { ' ' };
        let code = code.get(indent..).unwrap_or_default();
        let row = format!("   {mark} {number:>4}  {code}");
        let _ = writeln!(text, "{}", row.trim_end());
    }
    text
}

thread_local! {
    /// Files that names were looked for in.
    static SOURCES: RefCell<HashMap<String, String>> = RefCell::default();
}

/// What a method is called on at this place in the source: `balance` in `self.balance.load(SeqCst)`.
pub(crate) fn receiver(place: &Location<'_>) -> Option<String> {
    SOURCES.with_borrow_mut(|sources| {
        let source = sources
            .entry(place.file().to_owned())
            .or_insert_with(|| fs::read_to_string(place.file()).unwrap_or_default());
        let (line, column) = (place.line() as usize - 1, place.column() as usize - 1);
        let before: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
        name_before(source.get(..before + column)?)
    })
}

fn name_before(text: &str) -> Option<String> {
    let mut text = text.trim_end().strip_suffix('.')?.trim_end();
    while let Some(open) = text.strip_suffix(']').and_then(|text| text.rfind('[')) {
        text = text[..open].trim_end();
    }
    let start = text.rfind(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let name = &text[start.map_or(0, |start| start + 1)..];
    (!name.is_empty()).then(|| name.to_owned())
}
