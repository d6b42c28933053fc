//! A lesson's recording as a drawing, and the same in words.
//!
//! Each act has a field of its own, with the time from its start. All fields of a lesson have
//! the same scale, so that a shorter act is a narrower field; only those in which one would
//! see next to nothing are drawn wider, in another scale, and say so.

mod arrows;
mod bars;
mod drawing;
mod fields;
mod legend;
mod line;
mod picture;
mod recording;
mod svg;
#[cfg(test)]
mod tests;
mod thumbnail;
mod times;
mod words;

use self::drawing::draw;
use self::recording::Recording;
use self::words::words;
use crate::Error;
use crate::html::escape;
use crate::tongue::Tongue;

/// The timeline of a lesson as a figure for a page of the book. If there is one of its Python
/// version, that stands above it, in the same scale.
///
/// # Errors
///
/// If a trace is not what a lesson writes.
pub fn figure(
    trace: &str,
    python: Option<&str>,
    lesson: &str,
    tongue: Tongue,
) -> Result<String, Error> {
    let traces = python.into_iter().chain([trace]);
    let sides = traces.map(|trace| Recording::read(trace, tongue));
    let sides: Vec<_> = sides.collect::<Result<_, _>>()?;
    let title = escape(&tongue.lesson(lesson));
    let title = tongue.fill("Timeline of {lesson}", &[("lesson", &title)]);
    let in_words = tongue.say("The same in words");
    let drawing = draw(&sides, &title);
    let words: Vec<_> = sides.iter().map(words).collect();
    let words = match &words[..] {
        [python, rust] => format!("<p>Python</p>\n{python}<p>Rust</p>\n{rust}"),
        _ => words.concat(),
    };
    Ok(format!(
        "<figure class=\"timeline\">\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\n{drawing}</div>\n\
         <details><summary>{in_words}</summary>\n{words}</details>\n</figure>\n"
    ))
}

/// The timeline of a lesson as a stamp, for a list of lessons.
///
/// # Errors
///
/// If `trace` is not what a lesson writes.
pub fn thumbnail(trace: &str) -> Result<String, Error> {
    Ok(thumbnail::draw(&Recording::read(trace, Tongue::English)?))
}

/// The first `acts` acts of a lesson as an SVG file that needs no style sheet.
///
/// # Errors
///
/// If `trace` is not what a lesson writes.
pub fn picture(trace: &str, title: &str, acts: usize) -> Result<String, Error> {
    let mut recording = Recording::read(trace, Tongue::English)?;
    recording.acts.truncate(acts);
    picture::draw(recording, title)
}
