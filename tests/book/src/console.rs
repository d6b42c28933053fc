//! What a program printed, with the marks of what differs from run to run.

use across::outputs::{self, Varies};
use regex_lite::{Captures, Regex};

use crate::code::block;
use crate::html::escape;

/// An output whose first line is its command. `varies` is the sentence below it, which says
/// what differs; times always do.
pub fn output(text: &str, varies: &str) -> String {
    let (command, printed) = text.split_once('\n').unwrap_or((text, ""));
    let html = format!(
        "<span class=command>{}</span>\n{}",
        escape(command),
        marked(command, printed, varies)
    );
    block(" class=console", &html) + "\n"
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
    let (mut act, mut html) = (0, String::new());
    for line in text.lines() {
        let escaped = escape(line);
        let title = line.split_once(". ").and_then(|(act, _)| act.parse().ok());
        if let Some(title) = title {
            act = title;
        } else if line.starts_with("timeline ") {
            act = 0;
        }
        html += &match title {
            Some(_) => escaped,
            None if varies.whole(act) && !line.is_empty() => {
                format!("<span class=varies>{escaped}</span>")
            }
            None => {
                let pattern = if varies.numbers(act) { &either } else { &time };
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
}
