//! A timeline as small as a stamp: what the lesson looks like, and nothing to read.

use std::fmt::Write as _;

use super::recording::{Kind, Lane, Recording};
use super::svg::number;

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 72.0;
/// The most lanes that can be told apart.
const LANES: usize = 9;
/// Two bars that are nearer to each other than this look like one.
const NEAR: f64 = 1.0;

/// All acts of a lesson in one row, in one scale; the kinds of bars differ in height as well.
pub(super) fn draw(recording: &Recording) -> String {
    let acts = &recording.acts;
    let total = acts.last().map_or(1, |act| act.end).max(1) as f64;
    let x = |time: u64| time as f64 / total * WIDTH;
    let mut drawing = String::new();
    for act in acts.iter().skip(1) {
        let _ = write!(drawing, "M{} 0V{HEIGHT}", number(x(act.start)));
    }
    let mut drawing = format!("<path class=\"act\" d=\"{drawing}\"/>");
    let used = |lane: &&Lane| !lane.spans.is_empty();
    let lanes: Vec<_> = recording.lanes.iter().filter(used).take(LANES).collect();
    let lane_height = (HEIGHT / lanes.len().max(1) as f64).min(20.0);
    let top = (HEIGHT - lane_height * lanes.len() as f64) / 2.0;
    for (place, lane) in lanes.iter().enumerate() {
        let middle = top + (place as f64 + 0.5) * lane_height;
        for kind in [Kind::Waiting, Kind::Blocked, Kind::Working, Kind::Holding] {
            let mut bars: Vec<(f64, f64)> = Vec::new();
            for span in lane.spans.iter().filter(|span| span.kind == kind) {
                let (left, right) = (x(span.start), x(span.end).max(x(span.start) + NEAR));
                match bars.last_mut() {
                    Some(bar) if left < bar.1 => bar.1 = right.max(bar.1),
                    _ => bars.push((left, right)),
                }
            }
            if bars.is_empty() {
                continue;
            }
            let height = match kind {
                Kind::Working | Kind::Holding => lane_height - 2.0,
                Kind::Waiting | Kind::Blocked => (lane_height / 4.0).max(1.5),
            };
            let y = number(middle - height / 2.0);
            let (class, height) = (kind.look().0, number(height));
            let mut path = String::new();
            for (left, right) in bars {
                let (left, right) = (number(left), number((right - NEAR / 2.0).max(left + 0.5)));
                let _ = write!(path, "M{left} {y}H{right}v{height}H{left}z");
            }
            let _ = write!(drawing, "<path class=\"{class}\" d=\"{path}\"/>");
        }
    }
    format!(
        "<svg class=\"thumbnail\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" aria-hidden=\"true\">{drawing}</svg>"
    )
}
