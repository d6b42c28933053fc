//! The drawing of a whole lesson, field by field and lane by lane.

use std::fmt::Write as _;

use super::bars::bars;
use super::fields::{frame, lay_out};
use super::legend::legend;
use super::recording::{Lane, Recording};
use super::svg::{CHARACTER, WIDTH, number, pattern};
use crate::html::escape;

/// The drawing as an element of a page, with its words below it.
pub(super) fn draw(recording: &Recording, title: &str) -> String {
    let (drawing, height) = body(recording);
    let acts = recording.acts.iter().map(|act| escape(&act.title));
    let lanes = recording.lanes.iter().map(|lane| escape(&lane.name));
    let (acts, lanes): (Vec<_>, Vec<_>) = (acts.collect(), lanes.collect());
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"{name} {what}\">\n\
         <title id=\"{name}\">{title}</title>\n\
         <desc id=\"{what}\">The acts {acts}, with the lanes {lanes}. The same in words is below.</desc>\n\
         <defs>{defs}</defs>\n{drawing}</svg>\n",
        height = number(height),
        name = id(recording, "title"),
        what = id(recording, "what"),
        acts = acts.join("; "),
        lanes = lanes.join(", "),
        defs = defs(recording),
    )
}

/// An id that no other timeline on the page has.
fn id(recording: &Recording, what: &str) -> String {
    format!("timeline-{}-{what}", escape(&recording.lesson))
}

/// The patterns that the drawing uses.
pub(super) fn defs(recording: &Recording) -> String {
    pattern(&id(recording, "holding"), "M-2 2l4 -4M0 8l8 -8M6 10l4 -4")
        + &pattern(&id(recording, "blocked"), "M2 2l4 4M2 6l4 -4")
}

/// All fields, bars and the legend, and how high they are together.
pub(super) fn body(recording: &Recording) -> (String, f64) {
    let ids = id(recording, "");
    let names = recording.lanes.iter().map(|lane| lane.name.chars().count());
    let left = names.max().unwrap_or(0) as f64 * CHARACTER + 10.0;

    let mut drawing = String::new();
    let mut top = 0.0;
    for fields in lay_out(recording, left) {
        let heading = fields.iter().map(|field| field.heading.len()).max();
        let body = top + heading.unwrap_or(0) as f64 * 16.0 + 6.0;
        let in_use = |lane: &&Lane| {
            let mut acts = fields.iter().map(|field| field.act);
            acts.any(|act| !recording.parts(lane, act).is_empty())
        };
        let lanes: Vec<_> = recording.lanes.iter().filter(in_use).collect();
        let lane_height = if lanes.len() > 6 { 16.0 } else { 25.0 };
        let bottom = body + lanes.len() as f64 * lane_height + 4.0;
        for field in &fields {
            drawing += &frame(field, top, body, bottom);
        }
        for (place, lane) in lanes.iter().enumerate() {
            let middle = body + 2.0 + (place as f64 + 0.5) * lane_height;
            let name = escape(&lane.name);
            let _ = writeln!(
                drawing,
                "<text y=\"{}\">{name}</text>",
                number(middle + 4.5)
            );
            for field in &fields {
                for bar in bars(recording.parts(lane, field.act), field) {
                    drawing += &bar.draw(&ids, &lane.name, field, middle, lane_height - 4.0);
                }
            }
        }
        top = bottom + 30.0;
    }

    drawing += &legend(recording, &ids, left, top);
    (drawing, top + 18.0)
}
