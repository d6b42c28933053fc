//! What a program printed, with the marks of what differs from run to run.

use across::outputs::{self, Varies};
use regex_lite::{Captures, Regex};

use crate::code::block;
use crate::html::escape;
use crate::tongue::Tongue;

/// The most lines that stand on a page unfolded, and how many of a longer output do.
const LONG: usize = 36;
const SHOWN: usize = 26;

/// An output whose first line is its command. `varies` is the sentence below it, which says
/// what differs; times always do.
pub fn output(text: &str, varies: &str) -> String {
    block(" class=console", &whole(text, varies)) + "\n"
}

/// The output of a lesson, whose timeline is drawn below it: the terminal's one is folded, and
/// so are the last acts of a long output.
pub fn run(text: &str, varies: &str, tongue: Tongue) -> String {
    let lines: Vec<_> = text.lines().collect();
    let html = whole(text, varies);
    let html: Vec<_> = html.lines().collect();
    let block = |from: usize, to: usize| {
        let html = html[from..to].join("\n");
        let html = html.trim_matches('\n');
        match html {
            "" => String::new(),
            html => block(" class=console", &format!("{html}\n")) + "\n",
        }
    };
    let folded = |summary: &str, block: &str| {
        format!("<details class=folded><summary>{summary}</summary>{block}</details>\n")
    };
    let ends = lines.len();
    let begins = |line: &&str| line.starts_with("timeline ");
    let timeline = lines.iter().position(begins).unwrap_or(ends);
    let blank = lines[timeline..].iter().position(|line| line.is_empty());
    let after = blank.map_or(ends, |blank| timeline + blank);

    let mut html = String::new();
    let mut ends_of_acts = (1..=SHOWN.min(timeline)).rev();
    let cut = ends_of_acts.find(|line| lines.get(*line) == Some(&""));
    match cut {
        Some(cut) if timeline > LONG => {
            let titles = lines[cut..timeline].iter().filter_map(|line| act(line));
            let titles: Vec<_> = titles.collect();
            let titles: Vec<_> = titles.iter().map(u32::to_string).collect();
            let acts = match &titles[..] {
                [only] => tongue.fill("act {only}", &[("only", only)]),
                [first, second] => tongue.fill(
                    "acts {first} and {second}",
                    &[("first", first), ("second", second)],
                ),
                [first, .., last] => tongue.fill(
                    "acts {first} to {last}",
                    &[("first", first), ("last", last)],
                ),
                [] => tongue.say("the rest").to_owned(),
            };
            let summary = tongue.fill("The output of {acts}", &[("acts", &acts)]);
            html += &block(0, cut);
            html += &folded(&summary, &block(cut, timeline));
        }
        _ => html += &block(0, timeline),
    }
    if timeline < ends {
        let timeline = block(timeline, after);
        html += &folded(tongue.say("The timeline as a terminal shows it"), &timeline);
    }
    html + &block(after, ends)
}

/// The number of an act, from the line with its title.
fn act(line: &str) -> Option<u32> {
    line.split_once(". ")?.0.parse().ok()
}

fn whole(text: &str, varies: &str) -> String {
    let (command, printed) = text.split_once('\n').unwrap_or((text, ""));
    format!(
        "<span class=command>{}</span>\n{}",
        escape(command),
        marked(command, printed, varies)
    )
}

fn marked(command: &str, text: &str, varies: &str) -> String {
    let varies = Varies::new(varies);
    let time = match command.starts_with("$ just ") {
        // In a report, "4 x 2" is no time.
        true => Regex::new(r"\d+\.\d+ s\b").expect("a pattern"),
        false => outputs::time(),
    };
    let either = format!("{}|{}", time.as_str(), outputs::number().as_str());
    let either = Regex::new(&either).expect("two patterns are one");
    let mark = |found: &Captures| format!("<span class=varies>{}</span>", &found[0]);
    let (mut in_act, mut html) = (0, String::new());
    for line in text.lines() {
        let escaped = escape(line);
        let title = act(line);
        if let Some(title) = title {
            in_act = title;
        } else if line.starts_with("timeline ") {
            in_act = 0;
        }
        html += &match title {
            Some(_) => escaped,
            None if varies.whole(in_act) && !line.is_empty() => {
                format!("<span class=varies>{escaped}</span>")
            }
            None => {
                let pattern = if varies.numbers(in_act) {
                    &either
                } else {
                    &time
                };
                pattern.replace_all(&escaped, mark).into_owned()
            }
        };
        html.push('\n');
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_is_marked_and_nothing_else() {
        let text = "1. One\n   till 1 <pays> 20\n   => end (2.00 s)\n\n2. Two\n   paid 20\n\n3. Three\n   gone\n";
        let varies = "times; the numbers in acts 2 and 4; act 3 as a whole (why)";
        let html = marked("$ cargo run", text, varies);
        let mark = |text: &str| format!("<span class=varies>{text}</span>");
        let expected = format!(
            "1. One\n   till 1 &lt;pays&gt; 20\n   =&gt; end ({})\n\n2. Two\n   paid {}\n\n3. Three\n{}\n",
            mark("2.00 s"),
            mark("20"),
            mark("   gone")
        );
        assert_eq!(html, expected);
        let report = marked("$ just prove x", "4 x 2, 6 schedules in 0.1 s\n", "");
        assert_eq!(report, format!("4 x 2, 6 schedules in {}\n", mark("0.1 s")));
    }

    #[test]
    fn a_long_output_is_folded_and_so_is_the_timeline() {
        let act = |number: u32| format!("{number}. Act\n{}\n", "   pays\n".repeat(10));
        let acts: String = (1..=4).map(act).collect();
        let text = format!("$ cargo run\nRace\n\n{acts}timeline  1\ntill 1\n\nspeed-up\n");
        let html = run(&text, "", Tongue::English);
        let parts: Vec<_> = html.split("<details class=folded>").collect();
        assert_eq!(parts.len(), 3, "{html}");
        assert!(parts[0].contains("1. Act") && !parts[0].contains("3. Act"));
        assert!(parts[1].starts_with("<summary>The output of acts 3 and 4</summary>"));
        assert!(parts[2].contains("timeline  1\ntill 1\n</code></pre>\n</details>\n<pre"));
        assert!(parts[2].ends_with("speed-up\n</code></pre>\n"));
        let short = run(
            "$ cargo run\nRace\n\n1. Act\n   pays\n",
            "",
            Tongue::English,
        );
        assert!(!short.contains("<details"), "{short}");
    }
}
