//! A question before its answer. It needs no script: the reader chooses, and opens the answer,
//! whose style sheet knows whether the choice is right.

use std::fmt::Write as _;

use across::items::Language;
use across::questions::Question;

use crate::Error;
use crate::code::coloured;
use crate::html::{emphasised, escape};

/// What is longer has a line of its own.
const SHORT: usize = 16;

/// What comes behind the block that answers a question.
pub const CLOSING: &str = "</details></div>\n\n";

/// A question and what there is to choose from, up to the block that answers it. `number` tells
/// it from others of its page.
pub fn opening(question: &Question, number: usize, block: &str) -> Result<String, Error> {
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
        "<div class=predict><fieldset class={class}><legend><b>Predict first.</b> {}</legend>\n",
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
    let block = match question.code {
        true => "what the compiler says",
        false if block.starts_with("$ just prove ") => "the report",
        false => "the output",
    };
    let right = question.right().map(|text| match question.code {
        true => format!("<code>{}</code>", escape(text)),
        false => format!("<b>{}</b>", escape(text)),
    });
    let right = right.collect::<Vec<_>>().join(", ");
    let fact = match question.fact.as_str() {
        "" => String::new(),
        fact => format!(" ({})", inline(fact)),
    };
    let why = inline(&question.why);
    write!(
        html,
        "</fieldset>\n<details><summary>Check, and show {block}</summary>\n\
         <p role=status><b class=yes>Right.</b><b class=no>Not so.</b> The answer: {right}{fact}. {why}</p>\n\n"
    )?;
    Ok(html)
}
