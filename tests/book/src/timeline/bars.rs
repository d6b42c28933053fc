//! The spans of a lane as bars.

use std::fmt::Write as _;

use super::fields::Field;
use super::recording::{Act, Part};
use super::svg::{CHARACTER, columns, number, rectangle};
use super::words::{lane_says, phrase};
use crate::html::escape;
use crate::tongue::Tongue;

/// A narrower bar cannot well be pointed at, and says nothing: it is among the words below.
const POINTED_AT: f64 = 7.0;

/// One or more spans in the drawing, which cannot be told apart if they are more.
pub(super) struct Bar<'a> {
    parts: Vec<Part<'a>>,
    left: f64,
    right: f64,
    /// By a later one.
    covered: bool,
}

pub(super) fn bars<'a>(parts: Vec<Part<'a>>, field: &Field) -> Vec<Bar<'a>> {
    let mut bars: Vec<Bar> = Vec::new();
    for part in parts {
        let x = |time: u64| field.left + time as f64 * field.scale;
        let (left, right) = (x(part.start), x(part.end).max(x(part.start) + 1.5));
        if let Some(bar) = bars.last_mut() {
            let touches = left < bar.right + 1.0;
            let tiny = right - left < 3.0 || right < bar.right + 1.5;
            if part.span.is_like(bar.parts[0].span) && touches && tiny {
                bar.right = right.max(bar.right);
                bar.parts.push(part);
                continue;
            }
            bar.covered = left < bar.right - 1.0;
        }
        bars.push(Bar {
            parts: vec![part],
            left,
            right,
            covered: false,
        });
    }
    bars
}

impl Bar<'_> {
    /// The bar with its name, where there is room for it.
    pub(super) fn draw(
        &self,
        ids: &str,
        lane: &str,
        act: &Act,
        middle: f64,
        height: f64,
        tongue: Tongue,
    ) -> String {
        let span = self.parts[0].span;
        let height = (height - 6.0 * span.depth as f64).max(6.0);
        let width = self.right - self.left;
        let class = span.kind.look().0;
        let bar = rectangle(class, ids, self.left, middle - height / 2.0, width, height);
        if width < POINTED_AT {
            return bar + "/>\n";
        }
        let said = lane_says(lane, &phrase(&self.parts, act, tongue), tongue);
        let mut bar = format!("{bar}><title>{said}</title></rect>");
        let needs = columns(&span.name) as f64 * CHARACTER + 6.0;
        if !span.name.is_empty() && needs < width && !self.covered {
            let (x, y) = (number(self.left + width / 2.0), number(middle + 4.5));
            let name = escape(&span.name);
            let _ = write!(
                bar,
                "<text class=\"label\" x=\"{x}\" y=\"{y}\">{name}</text>"
            );
        }
        bar + "\n"
    }
}
