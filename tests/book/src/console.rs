//! What a program printed, with the marks of what differs from run to run.

use regex_lite::{Captures, Regex};

use crate::Error;
use crate::code::{block, escape};

/// An output whose first line is its command. `varies` is the sentence below it, which says
/// what differs; times always do.
pub fn output(text: &str, varies: &str) -> Result<String, Error> {
    let (command, printed) = text.split_once('\n').unwrap_or((text, ""));
    let html = format!(
        "<span class=command>{}</span>\n{}",
        escape(command),
        marked(printed, varies)?
    );
    Ok(block(" class=console", &html) + "\n")
}

fn marked(text: &str, varies: &str) -> Result<String, Error> {
    let numbers = Regex::new(r"the numbers in acts? ([0-9, and]+)")?;
    let whole = Regex::new(r"act ([0-9]+) as a whole")?;
    let varies = varies.replace('\n', " ");
    let listed = numbers
        .captures(&varies)
        .map_or("", |found| found.get(1).map_or("", |list| list.as_str()));
    let acts = |list: &str| -> Vec<String> {
        let acts = list
            .split([',', ' '])
            .filter(|word| word.parse::<u32>().is_ok());
        acts.map(str::to_owned).collect()
    };
    let any_numbers = acts(listed);
    let left_out: Vec<_> = whole
        .captures_iter(&varies)
        .map(|found| found[1].to_owned())
        .collect();

    let time = Regex::new(r"\d+(\.\d+)? ?(s|ms|µs|[kMG]?B/s|x)\b")?;
    let number = Regex::new(r"-?\d+(\.\d+)?( ?(s|ms|µs|[kMG]?B/s|x)\b)?")?;
    let mark = |found: &Captures| format!("<span class=varies>{}</span>", &found[0]);
    let mut act = String::new();
    let mut html = String::new();
    for line in text.lines() {
        let escaped = escape(line);
        let title = line.split_once(". ").map(|(number, _)| number);
        if let Some(title) = title.filter(|title| title.parse::<u32>().is_ok()) {
            act = title.to_owned();
            html += &escaped;
        } else if line.starts_with("timeline ") {
            act.clear();
            html += &time.replace_all(&escaped, mark);
        } else if left_out.contains(&act) && !line.is_empty() {
            html += &format!("<span class=varies>{escaped}</span>");
        } else if any_numbers.contains(&act) {
            html += &number.replace_all(&escaped, mark);
        } else {
            html += &time.replace_all(&escaped, mark);
        }
        html.push('\n');
    }
    Ok(html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_is_marked_and_nothing_else() {
        let text = "1. One\n   till 1 <pays> 20\n   => end (2.00 s)\n\n2. Two\n   paid 20\n\n3. Three\n   gone\n";
        let varies = "times; the numbers in acts 2 and 4; act 3 as a whole (why)";
        let html = marked(text, varies).unwrap();
        let mark = |text: &str| format!("<span class=varies>{text}</span>");
        let expected = format!(
            "1. One\n   till 1 &lt;pays&gt; 20\n   =&gt; end ({})\n\n2. Two\n   paid {}\n\n3. Three\n{}\n",
            mark("2.00 s"),
            mark("20"),
            mark("   gone")
        );
        assert_eq!(html, expected);
    }
}
