//! The place of each act: a field with a heading, a scale and lines at even times.

use std::fmt::Write as _;

use super::recording::{Act, Recording};
use super::svg::{BOLD, CHARACTER, GAP, WIDTH, number};
use super::times::{tick, tick_label, time};
use crate::html::escape;

/// The narrowest field, for the sake of its title.
const FIELD: f64 = 150.0;
/// An act without a span as wide as this is drawn wider.
const VISIBLE: f64 = 30.0;

/// An act's place in the drawing.
pub(super) struct Field<'a> {
    pub(super) act: &'a Act,
    pub(super) left: f64,
    /// How wide a microsecond is.
    pub(super) scale: f64,
    pub(super) heading: Vec<String>,
}

/// The fields from left to right in rows, as words on a page.
pub(super) fn lay_out(recording: &Recording, left: f64) -> Vec<Vec<Field<'_>>> {
    // With a gap to spare: two acts of half that length stand side by side.
    let room = WIDTH - left - 1.5 * GAP;
    let acts = recording.acts.iter();
    let acts: Vec<_> = acts
        .filter_map(|act| Some((act, recording.longest_part(act)? as f64)))
        .collect();
    let lengths = acts.iter().map(|(act, _)| act.length());
    let common = room / lengths.max().unwrap_or(1) as f64;
    let short = acts.iter().filter(|(_, part)| part * common < VISIBLE);
    let short = short.map(|(act, _)| act.length());
    let wider = room / short.max().unwrap_or(1) as f64;

    let mut rows: Vec<Vec<Field>> = vec![Vec::new()];
    let mut next = left;
    for (act, part) in acts {
        let mut title = act.title.clone();
        let mut scale = common;
        if part * common < VISIBLE && wider > common {
            scale = wider;
            let _ = write!(title, " ({:.0} times wider)", wider / common);
        }
        let width = (act.length() as f64 * scale).max(FIELD);
        if next > left && next + width > WIDTH {
            rows.push(Vec::new());
            next = left;
        }
        let row = rows.last_mut().expect("a row");
        row.push(Field {
            act,
            left: next,
            scale,
            heading: wrap(&title, ((width + GAP) / BOLD) as usize),
        });
        next += width + GAP;
    }
    rows
}

/// The heading, the lines at even times, and those times.
pub(super) fn frame(field: &Field, top: f64, body: f64, bottom: f64) -> String {
    let mut frame = String::from("<text class=\"act\">");
    for (line, text) in field.heading.iter().enumerate() {
        let (x, y) = (number(field.left), number(top + 13.0 + 16.0 * line as f64));
        let _ = write!(frame, "<tspan x=\"{x}\" y=\"{y}\">{}</tspan>", escape(text));
    }
    frame += "</text>\n";
    let length = field.act.length();
    let end = field.left + length as f64 * field.scale;
    let (width, height) = (number(end - field.left), number(bottom - body));
    let _ = writeln!(
        frame,
        "<rect class=\"field\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\"/>",
        number(field.left),
        number(body),
    );
    let mut label = |x: f64, anchor: &str, text: &str| {
        let (x, y) = (number(x), number(bottom + 14.0));
        let _ = writeln!(
            frame,
            "<text class=\"time\" x=\"{x}\" y=\"{y}\"{anchor}>{text}</text>"
        );
    };
    let last = time(length, length);
    // The last time stands below its line where it has room, else to the right of the zero.
    let room = end - last.len() as f64 * CHARACTER;
    label(end.max(field.left + 62.0), " text-anchor=\"end\"", &last);
    label(field.left, "", "0");
    let step = tick(70.0 / field.scale);
    let mut lines = String::new();
    for time in (1..)
        .map(|place| place * step)
        .take_while(|time| *time < length)
    {
        let x = field.left + time as f64 * field.scale;
        let _ = write!(lines, "M{} {}V{}", number(x), number(body), number(bottom));
        let text = tick_label(time, length);
        let half = text.len() as f64 * CHARACTER / 2.0;
        if x + half + 6.0 < room {
            label(x, " text-anchor=\"middle\"", &text);
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(frame, "<path class=\"ticks\" d=\"{lines}\"/>");
    }
    frame
}

/// A text in lines of so many characters at most, if no word is longer.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("a line");
        if line.is_empty() {
            *line = word.to_owned();
        } else if line.chars().count() + 1 + word.chars().count() <= columns {
            *line += &format!(" {word}");
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
