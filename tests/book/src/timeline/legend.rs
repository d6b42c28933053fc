//! Which kind of bar means what.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::recording::Recording;
use super::svg::{CHARACTER, GAP, columns, number, rectangle};

/// The kinds that the drawing shows, in a line from `left`.
pub(super) fn legend(sides: &[Recording], ids: &str, left: f64, top: f64) -> String {
    let mut legend = String::new();
    let parts = sides.iter().flat_map(|side| {
        let acts = side.acts.iter();
        acts.flat_map(|act| side.all_parts(act))
    });
    let kinds: BTreeSet<_> = parts.map(|part| part.span.kind).collect();
    let tongue = sides[0].tongue;
    let mut x = left;
    for kind in kinds {
        let (class, _, words) = kind.look();
        let words = tongue.say(words);
        let _ = writeln!(
            legend,
            "{}/><text x=\"{}\" y=\"{}\">{words}</text>",
            rectangle(class, ids, x, top, 26.0, 14.0),
            number(x + 32.0),
            number(top + 12.0),
        );
        x += 32.0 + CHARACTER * columns(words) as f64 + GAP;
    }
    legend
}
