//! The table of all times, and what becomes of the rule of thumb.

use std::time::Duration;

use timing::{pretty, say};

use crate::WAYS;
use crate::measure::Measured;

/// Two times are a tie if they differ by less than this: other programs on the machine can
/// add as much.
const TIE: f64 = 0.05;

/// Prints the time of each kind of work in each way, and compares the fastest with the way
/// that the rule names. Returns what counts as a tie.
pub fn print(rows: &[(&str, &Measured, &str)]) -> String {
    let [a, b, c, d] = WAYS;
    say!("{:12}{a:>11}{b:>11}{c:>11}{d:>11}", "");
    for (work, measured, rule) in rows {
        let [a, b, c, d] = measured.times.map(pretty);
        say!("{work:12}{a:>11}{b:>11}{c:>11}{d:>11}");
        let fastest = fastest(&measured.times);
        let verdict = match &fastest[..] {
            [one] if one == rule => "right here",
            several if several.contains(rule) => "a tie here",
            _ => "wrong here",
        };
        let fastest = fastest.join(", ");
        say!("  fastest: {fastest}; the rule says {rule}: {verdict}");
    }
    format!("a difference of {:.0} % is a tie", TIE * 100.0)
}

fn fastest(times: &[Duration; WAYS.len()]) -> Vec<&'static str> {
    let best = times.iter().min().copied().unwrap_or_default();
    let ways = WAYS.into_iter().zip(times);
    let fastest = ways.filter(|(_, time)| **time <= best.mul_f64(1.0 + TIE));
    fastest.map(|(way, _)| way).collect()
}
