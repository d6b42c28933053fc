//! The elements of a drawing, and its measures.

use unicode_width::UnicodeWidthStr;

/// How wide a drawing is; the page may scale it a little, and scrolls it if it must.
pub(super) const WIDTH: f64 = 720.0;
/// How wide a character is, and one of a heading: rather too wide, for fonts differ.
pub(super) const CHARACTER: f64 = 7.5;
pub(super) const BOLD: f64 = 8.2;
/// Between two fields, and between two entries of the legend.
pub(super) const GAP: f64 = 18.0;

/// How wide a text is, in characters of [`CHARACTER`]'s width: a Chinese one is two.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// A pattern for the bars of a kind.
pub(super) fn pattern(id: &str, path: &str) -> String {
    format!(
        "<pattern id=\"{id}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><path d=\"{path}\"/></pattern>"
    )
}

/// A rectangle of a class; the element is left open.
pub(super) fn rectangle(class: &str, ids: &str, x: f64, y: f64, width: f64, height: f64) -> String {
    let [x, y, width, height] = [x, y, width, height].map(number);
    let fill = match class {
        "holding" | "blocked" => format!(" fill=\"url(#{ids}{class})\""),
        _ => String::new(),
    };
    format!(
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{fill}"
    )
}

/// A length in the drawing, short.
pub(super) fn number(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}
