//! Two outputs on one page.

use std::env;
use std::io;
use std::iter;

use terminal_size::terminal_size_of;

use crate::output::{Act, Output};

/// What the lines of the lessons and their timelines are made for.
const WIDTH: usize = 80;

/// How wide the page is, in characters: each of ours takes one column.
pub fn width() -> usize {
    let columns = env::var("COLUMNS").ok();
    let columns = columns.and_then(|columns| columns.parse().ok());
    let window = || terminal_size_of(io::stdout()).map(|(width, _)| width.0.into());
    columns.or_else(window).unwrap_or(WIDTH).max(WIDTH / 2)
}

/// A lesson and its Python version.
pub struct Comparison<'a> {
    pub lesson: &'a str,
    /// How Python was built, and the lesson.
    pub labels: [String; 2],
    pub python: Output,
    pub rust: Output,
}

impl Comparison<'_> {
    /// Both outputs: side by side where there is room for that, else one below the other in
    /// each act.
    pub fn page(&self, width: usize) -> String {
        let Self {
            lesson,
            labels,
            rust,
            ..
        } = self;
        let mut page = format!("\n======== {lesson} ========\n\n{}\n\n", rust.head);
        if width >= 2 * WIDTH + 3 {
            let whole = |act: &Act| format!("{}\n{}", act.title, act.shown());
            let acts = self.acts().map(|acts| <[_; 2]>::from(acts).map(whole));
            let pairs = iter::once(labels.clone()).chain(acts).collect::<Vec<_>>();
            page += &side_by_side(&pairs, (width - 3) / 2);
        } else {
            page += &format!("{}\n", labels.join("\n"));
            for (python, rust) in self.acts() {
                let other = python.title != rust.title;
                let other = if other {
                    format!(": {}", python.title)
                } else {
                    String::new()
                };
                // Nobody can read a timeline that is wrapped.
                let [python, below] = match width < WIDTH {
                    true => [&python.body, &rust.body].map(String::clone),
                    false => [python, rust].map(Act::shown),
                };
                page += &format!("\n{}\nPython{other}\n{python}\n", rust.title);
                page += &format!("Rust\n{}\n", below.trim_end());
            }
        }
        for paragraph in &rust.rest {
            let widest = paragraph.lines().map(|line| line.chars().count()).max();
            // The whole timeline stands for the parts that are not there.
            let timeline = paragraph.starts_with("timeline");
            let parts = rust.acts.iter().any(|act| !act.chart.is_empty());
            if !timeline || (widest <= Some(width) && !parts) {
                page += &format!("\n{paragraph}\n");
            }
        }
        wrap(&page, width).join("\n") + "\n"
    }

    fn acts(&self) -> impl Iterator<Item = (&Act, &Act)> {
        iter::zip(&self.python.acts, &self.rust.acts)
    }
}

/// The two texts of a pair begin on the same line.
fn side_by_side(pairs: &[[String; 2]], half: usize) -> String {
    let pairs = pairs
        .iter()
        .map(|pair| pair.each_ref().map(|text| wrap(text, half)));
    let pairs: Vec<_> = pairs.collect();
    let lefts = pairs.iter().flat_map(|[left, _]| left);
    let column = lefts.map(|line| line.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for [left, right] in &pairs {
        // One row more is the distance to the next pair.
        for row in 0..=left.len().max(right.len()) {
            let cell = |side: &[String]| side.get(row).cloned().unwrap_or_default();
            let line = format!("{:column$} │ {}", cell(left), cell(right));
            text += &format!("{}\n", line.trim_end());
        }
    }
    text.trim_end_matches([' ', '│', '\n']).to_owned() + "\n"
}

/// The times of all acts, and how many times as long Python takes.
pub fn table(comparisons: &[Comparison], width: usize) -> String {
    let titles = comparisons.iter().flat_map(|one| &one.rust.acts);
    let longest = titles
        .map(|act| act.title.chars().count())
        .max()
        .unwrap_or(0);
    let column = longest.min(width - 32);
    let row = |name: &str, cells: [&str; 3]| {
        // A name that is too long has its cells below it.
        let name = match name.chars().count() > column {
            true => wrap(name, width).join("\n") + "\n" + &" ".repeat(column),
            false => format!("{name:column$}"),
        };
        format!("{name}{:>11}{:>11}{:>9}", cells[0], cells[1], cells[2])
    };
    let mut table = String::new();
    let mut note = "";
    for one in comparisons {
        table += &format!("\n{}\n", row(one.lesson, ["Python", "Rust", "ratio"]));
        for (python, rust) in one.acts() {
            let ratio = ratio(python.seconds / rust.seconds);
            table += &row(&rust.title, [&python.time, &rust.time, &ratio]);
            if python.title != rust.title {
                table += "*";
                note =
                    "* The act of the Python version has another title: it may not do the same.\n";
            }
            table += "\n";
        }
    }
    table + note
}

/// Two digits that count; from ten on, one place.
fn ratio(ratio: f64) -> String {
    let places = match ratio {
        _ if ratio < 0.095 => 3,
        _ if ratio < 0.95 => 2,
        _ => 1,
    };
    format!("{ratio:.places$}x")
}

/// The lines of a text. One that is too long is broken, between words if possible, and goes
/// on a little further in than it began.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len() + 2;
        let indent = " ".repeat(indent.min(width / 2));
        let mut rest = line.to_owned();
        // As long as there is a character that does not fit.
        while let Some((end, _)) = rest.char_indices().nth(width) {
            let space = rest[..end].rfind(' ').filter(|&space| space > indent.len());
            let (line, more) = rest.split_at(space.unwrap_or(end));
            let more = format!("{indent}{}", more.trim_start());
            lines.push(line.trim_end().to_owned());
            rest = more;
        }
        lines.push(rest);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_wrapped_and_nothing_is_lost() {
        assert_eq!(wrap("   short\n\nz", 8), ["   short", "", "z"]);
        assert_eq!(wrap("  ab cd ef gh", 8), ["  ab cd", "    ef", "    gh"]);
        assert_eq!(wrap("µµµµµµµµµµ", 4), ["µµµµ", "  µµ", "  µµ", "  µµ"]);
        let line = "   queue: [[80, 70, 50], [10, 20]] ─ █ a-word-that-is-longer-than-others";
        for width in 10..line.len() {
            let lines = wrap(line, width);
            assert!(
                lines.iter().all(|line| line.chars().count() <= width),
                "{lines:?}"
            );
            let squeeze = |text: &str| text.replace(' ', "");
            assert_eq!(squeeze(&lines.concat()), squeeze(line));
        }
    }

    #[test]
    fn two_sides_of_different_length_begin_together() {
        let pair = |left: &str, right: &str| [left.to_owned(), right.to_owned()];
        let pairs = [
            pair("1\na b", "1"),
            pair("2", "2\na longer line"),
            pair("3", "3"),
        ];
        let text = side_by_side(&pairs, 9);
        assert_eq!(
            text,
            "1   │ 1\na b │\n    │\n2   │ 2\n    │ a longer\n    │   line\n    │\n3   │ 3\n"
        );
    }

    #[test]
    fn a_ratio_has_digits_that_count() {
        let ratios = [12.34, 0.96, 0.94, 0.096, 0.012].map(ratio);
        assert_eq!(ratios, ["12.3x", "1.0x", "0.94x", "0.10x", "0.012x"]);
    }
}
