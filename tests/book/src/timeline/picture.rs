//! A timeline as a file of its own, readable on light and on dark ground.

use std::fmt::Write as _;

use super::drawing::{body, defs};
use super::recording::Recording;
use super::svg::{WIDTH, number};
use crate::html::escape;
use crate::{Error, read};

const MARGIN: f64 = 16.0;

/// The drawing with its own colours, those of the book.
pub(super) fn draw(recording: Recording, title: &str) -> Result<String, Error> {
    let sides = [recording];
    let (drawing, height) = body(&sides);
    let (width, height) = (WIDTH + 2.0 * MARGIN, height + 2.0 * MARGIN);
    let book = read("docs/theme/book.css");
    let (light, dark) = (colours(&book, "html.light")?, colours(&book, "html.navy")?);
    let rules = read("docs/theme/drawings.css");
    let rules = rules.lines().filter(|rule| {
        rule.starts_with(".timeline ") && !rule.contains(".scroll") && !rule.contains(" svg ")
    });
    let rules: Vec<_> = rules.collect();
    let mut svg = String::new();
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title\">\n\
         <title id=\"title\">{}</title>\n\
         <style>\nsvg {{ --bg: #fff; color: #1f2328; {light} }}\n\
         @media (prefers-color-scheme: dark) {{ svg {{ --bg: #161923; color: #c9cfdc; {dark} }} }}\n{}\n</style>\n\
         <defs class=\"timeline\">{}</defs>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" style=\"fill: var(--bg)\"/>\n\
         <g class=\"timeline\" transform=\"translate({MARGIN} {MARGIN})\">\n{drawing}</g>\n</svg>",
        escape(title),
        rules.join("\n"),
        defs(&sides[0]),
        height = number(height),
    )?;
    Ok(svg)
}

/// The colours of the drawings in one of the book's schemes.
fn colours(css: &str, scheme: &str) -> Result<String, Error> {
    let rule = css
        .split_once(scheme)
        .and_then(|(_, rest)| rest.split_once('{'));
    let rule = rule.and_then(|(_, rest)| rest.split_once('}'));
    let (rule, _) = rule.ok_or("the book has no such scheme")?;
    let wanted = |entry: &&str| entry.starts_with("--k-") || entry.starts_with("--line:");
    let entries: Vec<_> = rule.split(';').map(str::trim).filter(wanted).collect();
    Ok(entries.join("; "))
}
