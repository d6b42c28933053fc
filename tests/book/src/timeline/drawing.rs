//! The drawing of a whole lesson, field by field and lane by lane; if it was recorded, with that
//! of the Python version above it.

use std::fmt::Write as _;
use std::iter;

use super::arrows::arrows;
use super::bars::bars;
use super::fields::{Field, frame, heading, lay_out};
use super::legend::legend;
use super::line::{HEIGHT, Line};
use super::recording::Recording;
use super::svg::{CHARACTER, WIDTH, columns, number, pattern};
use crate::html::escape;

/// The drawing as an element of a page, with its words below it.
pub(super) fn draw(sides: &[Recording], title: &str) -> String {
    let (drawing, height) = body(sides);
    let lesson = lesson(sides);
    let acts = lesson.acts.iter().map(|act| escape(&act.title));
    let lanes = lesson.lanes.iter().map(|lane| escape(&lane.name));
    let (acts, lanes): (Vec<_>, Vec<_>) = (acts.collect(), lanes.collect());
    let tongue = lesson.tongue;
    let both = match sides.len() {
        1 => "",
        _ => tongue.say(", of the Python version above and of the lesson below"),
    };
    let what = tongue.fill(
        "The acts {acts}, with the lanes {lanes}{both}. The same in words is below.",
        &[
            ("acts", &acts.join(tongue.say("; "))),
            ("lanes", &lanes.join(tongue.say(", "))),
            ("both", both),
        ],
    );
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"{title_id} {what_id}\">\n\
         <title id=\"{title_id}\">{title}</title>\n\
         <desc id=\"{what_id}\">{what}</desc>\n\
         <defs>{defs}</defs>\n{drawing}</svg>\n",
        height = number(height),
        title_id = id(lesson, "title"),
        what_id = id(lesson, "what"),
        defs = defs(lesson),
    )
}

/// The side of the lesson itself.
fn lesson(sides: &[Recording]) -> &Recording {
    sides.last().expect("a recording")
}

/// An id that no other timeline on the page has. It is short, because many bars name their pattern.
fn id(recording: &Recording, what: &str) -> String {
    format!("{}-{what}", escape(&recording.lesson))
}

/// The patterns that the drawing uses.
pub(super) fn defs(recording: &Recording) -> String {
    pattern(&id(recording, "holding"), "M-2 2l4 -4M0 8l8 -8M6 10l4 -4")
        + &pattern(&id(recording, "blocked"), "M2 2l4 4M2 6l4 -4")
}

/// All fields, bars and the legend, and how high they are together.
pub(super) fn body(sides: &[Recording]) -> (String, f64) {
    let ids = id(lesson(sides), "");
    let lanes = sides.iter().flat_map(|side| &side.lanes);
    let names = lanes.map(|lane| columns(&lane.name));
    let left = names.max().unwrap_or(0) as f64 * CHARACTER + 10.0;

    let mut drawing = String::new();
    let mut top = 0.0;
    for fields in lay_out(sides, left) {
        let lines = fields.iter().map(|field| field.heading.len()).max();
        for field in &fields {
            drawing += &heading(field, top);
        }
        top += lines.unwrap_or(0) as f64 * 16.0 + 6.0;
        for (place, side) in sides.iter().enumerate() {
            if sides.len() > 1 {
                let name = ["Python", "Rust"][place];
                let _ = writeln!(
                    drawing,
                    "<text class=\"act\" y=\"{}\">{name}</text>",
                    number(top + 11.0)
                );
                top += 18.0;
            }
            top = block(&mut drawing, &ids, side, place, &fields, top) + 24.0;
        }
        top += 6.0;
    }

    drawing += &legend(sides, &ids, left, top);
    (drawing, top + 18.0)
}

/// The lanes of one side in a row of fields, and below them the values. Returns where it ends.
fn block(
    drawing: &mut String,
    ids: &str,
    side: &Recording,
    place: usize,
    fields: &[Field],
    top: f64,
) -> f64 {
    let acts: Vec<_> = fields.iter().map(|field| &field.acts[place]).collect();
    let in_use = |lane: &usize| {
        let lane = &side.lanes[*lane];
        acts.iter().any(|act| !side.parts(lane, act).is_empty())
    };
    let lanes: Vec<_> = (0..side.lanes.len()).filter(in_use).collect();
    let lane_height = if lanes.len() > 6 { 16.0 } else { 25.0 };
    let middle = |lane: usize| {
        let place = lanes.iter().position(|&other| other == lane)?;
        Some(top + 2.0 + (place as f64 + 0.5) * lane_height)
    };
    let values = side.value_names().into_iter();
    let values: Vec<_> = values
        .filter_map(|name| Line::new(side, name, &acts))
        .collect();
    let below = top + lanes.len() as f64 * lane_height + 4.0;
    let bottom = below + values.len() as f64 * HEIGHT;
    for (field, act) in iter::zip(fields, &acts) {
        *drawing += &frame(field, act, top, bottom);
    }
    let mut name = |name: &str, y: f64| {
        let (name, y) = (escape(name), number(y + 4.5));
        let _ = writeln!(drawing, "<text y=\"{y}\">{name}</text>");
    };
    for &lane in &lanes {
        name(&side.lanes[lane].name, middle(lane).unwrap_or(top));
    }
    for (place, line) in values.iter().enumerate() {
        name(line.name, below + (place as f64 + 0.5) * HEIGHT);
    }
    for (field, act) in iter::zip(fields, &acts) {
        for &lane in &lanes {
            let middle = middle(lane).unwrap_or(top);
            let lane = &side.lanes[lane];
            for bar in bars(side.parts(lane, act), field) {
                *drawing += &bar.draw(ids, &lane.name, act, middle, lane_height - 4.0, side.tongue);
            }
        }
        *drawing += &arrows(side, field, act, middle);
        for (place, line) in values.iter().enumerate() {
            *drawing += &line.draw(side, field, act, below + place as f64 * HEIGHT);
        }
    }
    bottom
}
