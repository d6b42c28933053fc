//! The place of each act: a field with a heading, a scale and lines at even times.

use std::fmt::Write as _;
use std::iter;

use super::recording::{Act, Recording};
use super::svg::{BOLD, CHARACTER, GAP, WIDTH, columns, number};
use super::times::{tick, tick_label, time};
use crate::html::escape;

/// The narrowest field, for the sake of its title.
const FIELD: f64 = 150.0;
/// An act without a span as wide as this is drawn wider.
const VISIBLE: f64 = 30.0;
/// An act with many spans narrower than this has a closer look at some of them, of this width.
const CLOSE: f64 = 5.0;
const CLOSER: f64 = 330.0;

/// The place of an act in the drawing: of the lesson's, and of the Python version's above it.
pub(super) struct Field {
    /// One of each side, from the same moment on and in the same scale.
    pub(super) acts: Vec<Act>,
    pub(super) left: f64,
    /// How wide a microsecond is.
    pub(super) scale: f64,
    pub(super) heading: Vec<String>,
}

/// The fields from left to right in rows, as words on a page. All sides have the same acts.
pub(super) fn lay_out(sides: &[Recording], left: f64) -> Vec<Vec<Field>> {
    // With a gap to spare: two acts of half that length stand side by side.
    let room = WIDTH - left - 1.5 * GAP;
    let numbers = 0..sides.iter().map(|side| side.acts.len()).min().unwrap_or(0);
    let acts = numbers.filter_map(|number| {
        let acts: Vec<_> = sides.iter().map(|side| side.acts[number].clone()).collect();
        let parts = iter::zip(sides, &acts).filter_map(|(side, act)| side.longest_part(act));
        let part = parts.max()? as f64;
        Some((length(&acts), part, acts))
    });
    let acts: Vec<_> = acts.collect();
    let lengths = acts.iter().map(|(length, ..)| *length);
    let common = room / lengths.max().unwrap_or(1) as f64;
    let short = acts.iter().filter(|(_, part, _)| part * common < VISIBLE);
    let short = short.map(|(length, ..)| *length);
    let wider = room / short.max().unwrap_or(1) as f64;

    let tongue = sides[0].tongue;
    let mut fields = Vec::new();
    for (length, part, acts) in acts {
        let mut title = acts[acts.len() - 1].title.clone();
        let mut scale = common;
        if part * common < VISIBLE && wider > common {
            scale = wider;
            let times = format!("{:.0}", wider / common);
            title += &tongue.fill(" ({times} times wider)", &[("times", &times)]);
        }
        let closer = closer(sides, &acts, scale);
        fields.push((
            title,
            (length as f64 * scale).max(FIELD),
            scale,
            acts,
            false,
        ));
        if let Some(acts) = closer {
            let length = acts[0].length();
            let scale = CLOSER / length as f64;
            let times = format!("{:.0}", scale / common);
            let places = [("length", &*time(length, length)), ("times", &times)];
            let title = tongue.fill("A closer look: {length} ({times} times wider)", &places);
            fields.push((title, CLOSER, scale, acts, true));
        }
    }
    let mut rows: Vec<Vec<Field>> = vec![Vec::new()];
    let mut next = left;
    let mut looked = false;
    for (title, width, scale, acts, closer) in fields {
        // Beside a closer look other lanes would be in the way.
        if next > left && (next + width > WIDTH || looked) {
            rows.push(Vec::new());
            next = left;
        }
        let row = rows.last_mut().expect("a row");
        row.push(Field {
            acts,
            left: next,
            scale,
            heading: wrap(&title, ((width + GAP) / BOLD) as usize),
        });
        next += width + GAP;
        looked = closer;
    }
    rows
}

/// That of the longest.
fn length(acts: &[Act]) -> u64 {
    acts.iter().map(Act::length).max().unwrap_or(0)
}

/// Some milliseconds of an act whose spans cannot be told apart, as an act: those in which the
/// last of its lanes begins.
fn closer(sides: &[Recording], acts: &[Act], scale: f64) -> Option<Vec<Act>> {
    let looks = iter::zip(sides, acts).map(|(side, act)| {
        let lanes = side.lanes.iter().map(|lane| side.parts(lane, act));
        let crowded = lanes.filter_map(|parts| {
            let mut lengths: Vec<_> = parts.iter().map(|part| part.end - part.start).collect();
            lengths.sort_unstable();
            let median = *lengths.get(lengths.len() / 2)?;
            (parts.len() > 20 && median as f64 * scale < CLOSE).then(|| (parts[0].start, median))
        });
        crowded.max()
    });
    let looks: Vec<_> = looks.collect();
    let medians = looks.iter().flatten().map(|(_, median)| 8 * median);
    let length = tick(medians.max()? as f64);
    let parts = iter::zip(acts, looks).map(|(act, look)| {
        let start = look.map_or(0, |(start, _)| start.saturating_sub(length / 5));
        Act {
            title: act.title.clone(),
            start: act.start + start,
            end: act.start + start + length,
        }
    });
    Some(parts.collect())
}

/// The title of an act.
pub(super) fn heading(field: &Field, top: f64) -> String {
    let mut heading = String::from("<text class=\"act\">");
    for (line, text) in field.heading.iter().enumerate() {
        let (x, y) = (number(field.left), number(top + 13.0 + 16.0 * line as f64));
        let _ = write!(
            heading,
            "<tspan x=\"{x}\" y=\"{y}\">{}</tspan>",
            escape(text)
        );
    }
    heading + "</text>\n"
}

/// The lines at even times in the act of one side, and those times.
pub(super) fn frame(field: &Field, act: &Act, body: f64, bottom: f64) -> String {
    let mut frame = String::new();
    let length = act.length();
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

/// A text in lines of so many columns at most, if no word is longer.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("a line");
        if line.is_empty() {
            *line = word.to_owned();
        } else if columns(line) + 1 + columns(word) <= room {
            *line += &format!(" {word}");
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
