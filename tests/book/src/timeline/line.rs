//! A value over time as a step line below the lanes.

use std::fmt::Write as _;

use super::fields::Field;
use super::recording::{Act, Recording};
use super::svg::{CHARACTER, number};

/// How high the place of a line is, and what of it is left free above for a number.
pub(super) const HEIGHT: f64 = 58.0;
const ABOVE: f64 = 16.0;
const BELOW: f64 = 5.0;

/// The line of a value, in the same scale in all acts of a row.
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    least: i64,
    most: i64,
}

impl<'a> Line<'a> {
    /// None if these acts have no such value. Zero is always in sight.
    pub(super) fn new(side: &Recording, name: &'a str, acts: &[&Act]) -> Option<Self> {
        let values = acts.iter().flat_map(|act| side.values(name, act));
        let values: Vec<_> = values.map(|(_, value)| value).collect();
        Some(Self {
            name,
            least: (*values.iter().min()?).min(0),
            most: (*values.iter().max()?).max(1),
        })
    }

    /// The line in one act, with each value that stays for long enough to be written above it,
    /// and the last one.
    pub(super) fn draw(&self, side: &Recording, field: &Field, act: &Act, top: f64) -> String {
        let values = side.values(self.name, act);
        let x = |time: u64| field.left + time as f64 * field.scale;
        let range = (self.most - self.least) as f64;
        let y = |value: i64| {
            let share = (self.most - value) as f64 / range;
            top + ABOVE + share * (HEIGHT - ABOVE - BELOW)
        };
        let (Some(&(first, _)), Some(&(last, _))) = (values.first(), values.last()) else {
            return String::new();
        };
        let end = x(act.length());
        let zero = number(y(0));
        let mut drawing = format!(
            "<path class=\"ticks\" d=\"M{} {zero}H{}\"/>\n",
            number(x(first)),
            number(end)
        );
        let mut path = String::new();
        let mut numbers = String::new();
        for (place, &(time, value)) in values.iter().enumerate() {
            let next = values.get(place + 1).map_or(end, |&(time, _)| x(time));
            let command = if path.is_empty() { "M" } else { "H" };
            let _ = write!(path, "{command}{}", number(x(time)));
            let across = if path.starts_with('M') && place == 0 {
                " "
            } else {
                "V"
            };
            let _ = write!(path, "{across}{}", number(y(value)));
            let text = value.to_string();
            let class = if value < 0 { "below" } else { "time" };
            let room = text.len() as f64 * CHARACTER + 6.0;
            let (at, anchor) = match () {
                () if next - x(time) > room => (x(time) + 3.0, ""),
                () if time == last => (x(time) - 4.0, " text-anchor=\"end\""),
                () => continue,
            };
            let _ = writeln!(
                numbers,
                "<text class=\"number {class}\" x=\"{}\" y=\"{}\"{anchor}>{text}</text>",
                number(at),
                number(y(value) - 3.0)
            );
        }
        let _ = writeln!(
            drawing,
            "<path class=\"value\" d=\"{path}H{}\"/>",
            number(end)
        );
        drawing + &numbers
    }
}
