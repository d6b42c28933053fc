//! How costs grow: the time for ten times as many jobs, tasks, pages or threads, or for larger
//! messages, beside Python's, as a curve and in a table.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};

use across::root;
use interleave::text::thousands;

use crate::measure::{progress, turn};
use crate::python::Python;
use crate::report;
use crate::verdict::Median;

/// What stands around the curves in `docs/measured.md`.
const BEGIN: &str = "<!-- made by just bench --growth --docs -->";
const ROUNDS: usize = 3;
const HEAD: &str = "| what takes the time | a step | Rust, first step | last step | Python, first step | last step | Python / Rust at the end |\n|---|---|---|---|---|---|---|";

/// Times of a side of [`crate::sides`], by number.
struct Curve {
    /// Ours, and the name of the picture.
    side: &'static str,
    python: &'static str,
    /// The number that the sides print.
    value: &'static str,
    /// What there is more and more of.
    what: &'static str,
    /// What takes the time.
    takes: &'static str,
    numbers: &'static [u64],
}

const CURVES: &[Curve] = &[
    Curve {
        side: "map",
        python: "pool.py map",
        value: "s",
        what: "jobs",
        takes: "`map` in a pool of four processes",
        numbers: &[1_000, 10_000, 100_000, 1_000_000, 10_000_000],
    },
    Curve {
        side: "tasks",
        python: "coroutines.py tasks",
        value: "s",
        what: "tasks",
        takes: "tasks that wait a second, beyond the second",
        numbers: &[100, 1_000, 10_000, 100_000, 1_000_000],
    },
    Curve {
        side: "pages",
        python: "fetch.py pages",
        value: "seconds",
        what: "pages",
        takes: "fetching, 50 pages together",
        numbers: &[10, 100, 1_000, 10_000, 100_000],
    },
    Curve {
        side: "threads",
        python: "coroutines.py threads",
        value: "beyond",
        what: "threads",
        takes: "threads that wait a second, beyond the second",
        numbers: &[10, 100, 1_000, 10_000],
    },
    Curve {
        side: "messages",
        python: "pipe.py messages",
        value: "s",
        what: "bytes",
        takes: "one message through a pipe",
        numbers: &[16, 256, 4_096, 65_536, 1_048_576, 16_777_216],
    },
];

/// Seconds for each number of a curve.
type Times = Vec<f64>;

/// Measures the curves, prints how they grow, and puts both into `docs/measured.md` if wanted.
pub fn run(python: &Python, docs: bool) -> Result<(), Box<dyn Error>> {
    let folder = root().join("docs/growth");
    let (mut pictures, mut table) = (String::new(), format!("{HEAD}\n"));
    writeln!(io::stdout(), "{HEAD}")?;
    for curve in CURVES {
        let (ours, python) = curve.measure(python)?;
        let row = curve.row(&ours, &python);
        writeln!(io::stdout(), "{row}")?;
        writeln!(table, "{row}")?;
        let picture = format!("{}.svg", curve.side);
        let title = curve.title();
        writeln!(pictures, "![{title}](growth/{picture})\n")?;
        if docs {
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(picture), curve.draw(&ours, &python))?;
        }
    }
    match docs {
        true => report::put(BEGIN, &(pictures + &table)),
        false => Ok(()),
    }
}

impl Curve {
    fn measure(&self, python: &Python) -> Result<(Times, Times), Box<dyn Error>> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for number in self.numbers {
            let mut rounds = [Vec::new(), Vec::new()];
            for round in 1..=ROUNDS {
                progress(&format!("{} {}, round {round}", number, self.what));
                let commands = [
                    format!("{}={number}", self.side),
                    format!("{} {number}", self.python),
                ];
                for (times, command) in rounds.iter_mut().zip(commands) {
                    let values = turn(&command, Some(python), None)?;
                    let value = values.get(self.value);
                    times.push(
                        *value.ok_or_else(|| format!("'{command}' prints no {}", self.value))?,
                    );
                }
            }
            let [our, their] =
                rounds.map(|times| Median::of(times).map_or(f64::NAN, |it| it.middle));
            ours.push(our);
            theirs.push(their);
        }
        progress("");
        Ok((ours, theirs))
    }

    fn title(&self) -> String {
        let (first, last) = (self.numbers[0], self.numbers[self.numbers.len() - 1]);
        let takes = self.takes.replace('`', "");
        format!(
            "{takes}: seconds for {} to {} {}, Rust and Python",
            thousands(first),
            thousands(last),
            self.what
        )
    }

    /// How both grow, in the first step of the numbers and in the last one.
    fn row(&self, ours: &[f64], python: &[f64]) -> String {
        let last = ours.len() - 1;
        let grows = |times: &[f64]| {
            let growth = |to: usize| times[to] / times[to - 1];
            format!("{:.1} times | {:.1} times", growth(1), growth(last))
        };
        format!(
            "| {} | {} times as many {} | {} | {} | {:.1} |",
            self.takes,
            self.numbers[1] / self.numbers[0],
            self.what,
            grows(ours),
            grows(python),
            python[last] / ours[last],
        )
    }

    /// Both axes are logarithmic.
    fn draw(&self, ours: &[f64], python: &[f64]) -> String {
        const WIDTH: f64 = 520.0;
        const HEIGHT: f64 = 260.0;
        const LEFT: f64 = 72.0;
        const BOTTOM: f64 = 40.0;
        let all = ours.iter().chain(python).copied();
        let low = all.clone().fold(f64::MAX, f64::min).log10().floor();
        let high = all.fold(f64::MIN, f64::max).log10().ceil();
        let (first, last) = (
            self.numbers[0] as f64,
            self.numbers[self.numbers.len() - 1] as f64,
        );
        let x = |number: f64| {
            LEFT + (number / first).log10() / (last / first).log10() * (WIDTH - LEFT - 80.0)
        };
        let y = |seconds: f64| {
            12.0 + (high - seconds.log10()) / (high - low) * (HEIGHT - BOTTOM - 12.0)
        };
        let line = |times: &[f64]| {
            let points = self.numbers.iter().zip(times);
            let points: Vec<_> = points
                .map(|(&number, &time)| format!("{:.1},{:.1}", x(number as f64), y(time)))
                .collect();
            points.join(" ")
        };
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
            role=\"img\" aria-labelledby=\"title\">\n<title id=\"title\">{}</title>\n<style>\n\
            svg {{ --bg: #fff; --ink: #1f2328; --rust: #a03c00; --python: #2b5b84; --line: #8a929c }}\n\
            @media (prefers-color-scheme: dark) {{ svg {{ --bg: #161923; --ink: #c9cfdc; --rust: #f0915a; --python: #7fb2e0; --line: #7c8595 }} }}\n\
            text {{ font: 13px sans-serif; fill: var(--ink) }}\n\
            .grid {{ stroke: var(--line); stroke-dasharray: 1 3 }}\n\
            polyline {{ fill: none; stroke-width: 2.5px }}\n\
            </style>\n<rect width=\"100%\" height=\"100%\" rx=\"6\" style=\"fill: var(--bg)\"/>\n",
            self.title(),
        );
        for decade in low as i32..=high as i32 {
            let (seconds, at) = (10_f64.powi(decade), y(10_f64.powi(decade)));
            let _ = writeln!(
                svg,
                "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{:.1}\"/>",
                x(last)
            );
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                at + 4.0,
                time(seconds)
            );
        }
        for &number in self.numbers {
            let at = x(number as f64);
            let _ = writeln!(
                svg,
                "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                HEIGHT - BOTTOM + 20.0,
                short(number)
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            x(last),
            HEIGHT - 4.0,
            self.what
        );
        for (name, style, times) in [
            ("Rust", "stroke: var(--rust)", ours),
            (
                "Python",
                "stroke: var(--python); stroke-dasharray: 7 4",
                python,
            ),
        ] {
            let end = (x(last) + 8.0, y(times[times.len() - 1]) + 4.0);
            let _ = writeln!(
                svg,
                "<polyline style=\"{style}\" points=\"{}\"/>",
                line(times)
            );
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\">{name}</text>",
                end.0, end.1
            );
        }
        svg + "</svg>\n"
    }
}

/// Powers of two or of ten, for an axis.
fn short(number: u64) -> String {
    match number {
        1_048_576.. if number.is_power_of_two() => format!("{} Mi", number >> 20),
        1_024.. if number.is_power_of_two() => format!("{} Ki", number >> 10),
        1_000_000.. => format!("{} M", number / 1_000_000),
        1_000.. => format!("{} k", number / 1_000),
        _ => number.to_string(),
    }
}

/// A power of ten of a second.
fn time(seconds: f64) -> String {
    let exponent = seconds.log10().round() as i32;
    match exponent {
        0.. => format!("{} s", 10_i64.pow(exponent.unsigned_abs())),
        -3..0 => format!("{} ms", 10_i64.pow((exponent + 3).unsigned_abs())),
        -6..-3 => format!("{} us", 10_i64.pow((exponent + 6).unsigned_abs())),
        _ => format!("{} ns", 10_i64.pow((exponent + 9).max(0).unsigned_abs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_how_both_grow() {
        assert_eq!(
            CURVES[0].row(&[1.0, 2.0, 4.0, 8.0, 80.0], &[1.0, 5.0, 5.0, 5.0, 10.0]),
            "| `map` in a pool of four processes | 10 times as many jobs \
             | 2.0 times | 10.0 times | 5.0 times | 2.0 times | 0.1 |"
        );
    }

    #[test]
    fn axes_are_named_in_short() {
        let shorts = [16, 100, 4_096, 1_000, 16_777_216, 10_000_000].map(short);
        assert_eq!(shorts.join(" "), "16 100 4 Ki 1 k 16 Mi 10 M");
        assert_eq!(
            [1e-7, 1e-5, 1e-2, 1.0, 10.0].map(time).join(" "),
            "100 ns 10 us 10 ms 1 s 10 s"
        );
        assert_eq!(
            [10, 1_000, 16_777_216].map(thousands).join(" "),
            "10 1,000 16,777,216"
        );
    }
}
