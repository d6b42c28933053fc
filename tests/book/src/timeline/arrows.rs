//! Who handed what to whom, as arrows from lane to lane.

use std::fmt::Write as _;

use super::fields::Field;
use super::recording::{Act, Recording};
use super::svg::number;
use super::words::handed_over;

/// Arrows that have less room than this on average are not drawn: one would see none of them.
const ROOM: f64 = 9.0;
/// The length of an arrow's head.
const HEAD: f64 = 6.0;

/// The arrows of an act; `middle` is where a lane is, if it is drawn.
pub(super) fn arrows(
    side: &Recording,
    field: &Field,
    act: &Act,
    middle: impl Fn(usize) -> Option<f64>,
) -> String {
    let handed = side.handed(act);
    let mut arrows = String::new();
    if handed.len() as f64 * ROOM > act.length() as f64 * field.scale {
        return arrows;
    }
    for handed in &handed {
        let [from, to] = [handed.from, handed.to].map(|(lane, time)| {
            let x = field.left + time as f64 * field.scale;
            Some((x, middle(lane)?))
        });
        let (Some((x, y)), Some((to_x, to_y))) = (from, to) else {
            continue;
        };
        let (across, down) = (to_x - x, to_y - y);
        let length = across.hypot(down).max(1.0);
        let (across, down) = (across / length * HEAD, down / length * HEAD);
        let mut path = format!(
            "M{} {}L{} {}",
            number(x),
            number(y),
            number(to_x),
            number(to_y)
        );
        for side in [0.5, -0.5] {
            let back = (to_x - across - side * down, to_y - down + side * across);
            let _ = write!(
                path,
                "M{} {}L{} {}",
                number(back.0),
                number(back.1),
                number(to_x),
                number(to_y)
            );
        }
        let words = handed_over(side, handed, act);
        let _ = writeln!(
            arrows,
            "<path class=\"arrow\" d=\"{path}\"><title>{words}</title></path>"
        );
    }
    arrows
}
