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
    around(place, |before, _| name_before(before)).flatten()
}

/// Whether it is clear that what is done with `get()` at this place reads: `*cell.get()`, if that is not
/// assigned to; `&*cell.get()`; `cell.get().read()`.
pub(crate) fn reads(place: &Location<'_>) -> bool {
    around(place, reads_at) == Some(true)
}

fn reads_at(before: &str, behind: &str) -> bool {
    let Some(behind) = behind.strip_prefix("get()") else {
        return false;
    };
    let in_path = |letter: char| letter.is_alphanumeric() || "_.:[]".contains(letter);
    let Some(before) = before
        .trim_end_matches(in_path)
        .trim_end()
        .strip_suffix('*')
    else {
        return behind.starts_with(".read()");
    };
    // Of `&mut (*cell.get()).field`, too, and of `&raw mut *cell.get()`.
    let before = before.trim_end_matches(['(', ' ', '\n']);
    if before.ends_with("mut") || before.ends_with("addr_of_mut!") {
        return false;
    }
    // The value, or a field or an element of it.
    let behind = behind_path(behind.trim_start_matches([')', ' ']));
    if before.ends_with('&') && !behind.starts_with(['(', '<']) {
        return true;
    }
    let operator = behind.trim_start_matches(|letter| "+-*/%&|^<>".contains(letter));
    let assigned = operator.starts_with('=') && !operator.starts_with("==");
    let compared = ["<=", ">="].iter().any(|it| behind.starts_with(it));
    !behind.starts_with('(') && (!assigned || compared)
}

/// What stands behind fields and elements, whatever is between the brackets.
fn behind_path(text: &str) -> &str {
    let (mut open, mut colons) = (0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '[' => open += 1,
            ']' => open -= 1,
            // A call with a type.
            '<' if open == 0 && colons => return "(",
            _ if open > 0 || letter.is_alphanumeric() || "_.:".contains(letter) => {}
            _ => return text[at..].trim_start(),
        }
        colons = letter == ':';
    }
    ""
}

/// Applies this to the texts before the method that is called at this place, and from its name on.
fn around<T>(place: &Location<'_>, act: impl FnOnce(&str, &str) -> T) -> Option<T> {
    SOURCES.with_borrow_mut(|sources| {
        let source = sources
            .entry(place.file().to_owned())
            .or_insert_with(|| fs::read_to_string(place.file()).unwrap_or_default());
        let (line, column) = (place.line() as usize - 1, place.column() as usize - 1);
        let before: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
        // A column is a character, and not a byte.
        let (at, _) = source.get(before..)?.char_indices().nth(column)?;
        let (before, behind) = source.split_at_checked(before + at)?;
        Some(act(before, behind))
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

#[cfg(test)]
mod tests {
    use super::reads_at;

    #[test]
    fn what_is_assigned_to_or_unclear_is_written() {
        for (code, reads) in [
            ("let x = unsafe { *self.cells[0].get() };", true),
            ("let x = unsafe { &*self.cell.get() };", true),
            ("unsafe { self.cell.get().read() }", true),
            ("if unsafe { *CELL.get() } == 1 {", true),
            ("if unsafe { *CELL.get() == 1 } {", true),
            ("if unsafe { *CELL.get() <= 1 } {", true),
            ("assert!(unsafe { (*it.get()).field } > 1)", true),
            ("let x = unsafe { (*self.cell.get())[i % 4] };", true),
            ("let x = unsafe { &(*self.cell.get()).field };", true),
            ("unsafe { *self.cell.get() = 1 }", false),
            ("unsafe { (*self.cell.get())[i % 4] = 1 }", false),
            (
                "unsafe { (*self.cell.get())[at[i] as usize].0 += 1 }",
                false,
            ),
            ("unsafe { &mut (*self.cell.get()).field }", false),
            ("unsafe { &mut (*self.cell.get())[0] }", false),
            ("unsafe { &raw mut *self.cell.get() }", false),
            ("unsafe { addr_of_mut!((*self.cell.get()).field) }", false),
            ("unsafe { (*it.get()).extend::<Vec<u32>>(more) }", false),
            ("unsafe { &(*it.get()).pop() }", false),
            ("unsafe { *self.cell.get() += 1 }", false),
            ("unsafe { *self.cell.get() <<= 1 }", false),
            ("unsafe { (*it.get()).field = 1 }", false),
            ("unsafe { (*it.get()).push(1) }", false),
            ("unsafe { &mut *self.cell.get() }", false),
            ("unsafe { self.cell.get().write(1) }", false),
            ("let pointer = self.cell.get();", false),
        ] {
            let at = code.find("get()").unwrap();
            assert_eq!(reads_at(&code[..at], &code[at..]), reads, "{code}");
        }
    }
}
