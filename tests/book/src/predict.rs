//! A question before its answer. It needs no script: the reader chooses, and opens the answer,
//! whose style sheet knows whether the choice is right.

use std::fmt::Write as _;

use across::items::Language;
use across::questions::Question;

use crate::Error;
use crate::code::coloured;
use crate::html::{emphasised, escape};
use crate::tongue::Tongue;

/// What is longer has a line of its own.
const SHORT: usize = 16;

/// What comes behind the block that answers a question, and behind the words that explain it.
pub const CLOSING: &str = "</details></div>\n\n";

/// How many of the lines behind the block explain it, and so give the answer away: the paragraph
/// behind code; behind an output or a report all, up to a heading or up to the paragraph that leads
/// to something else. If `block`, that is the next block.
pub fn explained(words: &str, code: bool, block: bool, tongue: Tongue) -> usize {
    let lines: Vec<_> = words.lines().collect();
    let first = |is: &dyn Fn(&str) -> bool| {
        lines
            .iter()
            .position(|line| is(line))
            .unwrap_or(lines.len())
    };
    let heading = first(&|line| line.starts_with('#') || line.starts_with(tongue.say("Next: ")));
    let other = first(&|line| {
        tongue.caption(line).is_some()
            || ["<!--", tongue.asks()]
                .iter()
                .any(|begins| line.starts_with(begins))
    });
    let is_blank = |line: &usize| lines[*line].is_empty();
    let end = match heading.min(other) {
        end if end < heading || (block && end == lines.len()) => {
            let mut paragraphs = (0..end).rev().skip_while(is_blank);
            paragraphs.find(is_blank).map_or(0, |blank| blank + 1)
        }
        end => end,
    };
    let mut paragraphs = (0..end).skip_while(is_blank);
    let paragraph = paragraphs.find(|line| code && is_blank(line));
    paragraph.map_or(end, |blank| blank + 1)
}

/// A question and what there is to choose from, up to the block that answers it. `number` tells
/// it from others of its page.
pub fn opening(
    question: &Question,
    number: usize,
    block: &str,
    tongue: Tongue,
) -> Result<String, Error> {
    let kind = if question.several() {
        "checkbox"
    } else {
        "radio"
    };
    let long = |text: &str| text.chars().count() > SHORT;
    let class = match question.rows.iter().any(|row| long(&row.text)) {
        _ if question.code => "code",
        true => "long",
        false => "short",
    };
    let inline = |text: &str| emphasised(&escape(text));
    let mut html = format!(
        "<div class=predict><fieldset class={class}><legend><b>{}</b> {}</legend>\n",
        tongue.say("Predict first."),
        inline(&question.text)
    );
    let texts: Vec<_> = question.rows.iter().map(|row| row.text.as_str()).collect();
    let language = question.code.then_some(Language::Rust);
    let texts = coloured(&texts.join("\n"), language)?;
    for (row, text) in question.rows.iter().zip(texts.lines()) {
        let text = match question.code {
            true => format!("<code>{text}</code>"),
            false => text.to_owned(),
        };
        match row.right {
            None => writeln!(html, "<span>{text}</span>")?,
            Some(right) => writeln!(
                html,
                "<label><input type={kind} name=predict-{number}{}>{text}</label>",
                if right { " class=key" } else { "" }
            )?,
        }
    }
    let block = tongue.say(match question.code {
        true => "what the compiler says",
        false if block.starts_with("$ just prove ") => "the report",
        false => "the output",
    });
    let right = question.right().map(|text| match question.code {
        true => format!("<code>{}</code>", escape(text)),
        false => format!("<b>{}</b>", escape(text)),
    });
    let right = right.collect::<Vec<_>>().join(tongue.say(", "));
    let fact = match question.fact.as_str() {
        "" => String::new(),
        fact => tongue.fill(" ({})", &[("", &inline(fact))]),
    };
    let why = inline(&question.why);
    let [yes, no] = ["Right.", "Not so."].map(|words| tongue.say(words));
    let check = tongue.fill("Check, and show {block}", &[("block", block)]);
    let places = [("right", right.as_str()), ("fact", &fact), ("why", &why)];
    let answer = tongue.fill("The answer: {right}{fact}. {why}", &places);
    write!(
        html,
        "</fieldset>\n<details><summary>{check}</summary>\n\
         <p role=status><b class=yes>{yes}</b><b class=no>{no}</b> {answer}</p>\n\n"
    )?;
    Ok(html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_up_to_what_is_about_something_else() {
        let explained = |words: &str, code, leads| {
            let lines = words
                .lines()
                .take(explained(words, code, leads, Tongue::English));
            lines.collect::<Vec<_>>().join("|")
        };
        let words = "\n*Varies*\n\nAct 1\nis so.\n\n- One\n\nIn code:\n\n";
        assert_eq!(
            explained(words, false, true),
            "|*Varies*||Act 1|is so.||- One|"
        );
        assert_eq!(explained(words, true, true), "|*Varies*|");
        assert_eq!(explained("\nIn code:\n\n", true, true), "");
        assert_eq!(explained("\nIt does.\n\n", true, false), "|It does.|");
        assert_eq!(explained("\nOne\n\nTwo\n", false, false), "|One||Two");
        for other in [
            "<!-- play: race-1 -->",
            Tongue::English.asks(),
            "[`src/a.rs`](src/a.rs), `a`:",
        ] {
            let words = format!("\nOne\n\nTwo:\n\n{other}\n\nThree\n\n## More\n");
            assert_eq!(explained(&words, false, true), "|One|", "{other}");
        }
        for other in ["### More", "Next: more."] {
            let words = format!("\nOne\n\n{other}\n\nTwo\n\n{}\n", Tongue::English.asks());
            assert_eq!(explained(&words, false, true), "|One|", "{other}");
        }
        assert_eq!(explained("\n## More\n\nTwo\n", true, false), "");
    }
}
