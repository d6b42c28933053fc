//! A lesson's recording as a drawing, and the same in words.
//!
//! Each act has a field of its own, with the time from its start. All fields of a lesson have
//! the same scale, so that a shorter act is a narrower field; only those in which one would
//! see next to nothing are drawn wider, in another scale, and say so.

mod bars;
mod drawing;
mod fields;
mod legend;
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

/// The timeline of a lesson as a figure for a page of the book.
///
/// # Errors
///
/// If `trace` is not what a lesson writes.
pub fn figure(trace: &str, title: &str) -> Result<String, Error> {
    let recording = Recording::read(trace)?;
    let title = escape(title);
    let (drawing, words) = (draw(&recording, &title), words(&recording));
    Ok(format!(
        "<figure class=\"timeline\">\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\n{drawing}</div>\n\
         <details><summary>The same in words</summary>\n{words}</details>\n</figure>\n"
    ))
}

/// The timeline of a lesson as a stamp, for a list of lessons.
///
/// # Errors
///
/// If `trace` is not what a lesson writes.
pub fn thumbnail(trace: &str) -> Result<String, Error> {
    Ok(thumbnail::draw(&Recording::read(trace)?))
}

/// The first `acts` acts of a lesson as an SVG file that needs no style sheet.
///
/// # Errors
///
/// If `trace` is not what a lesson writes.
pub fn picture(trace: &str, title: &str, acts: usize) -> Result<String, Error> {
    let mut recording = Recording::read(trace)?;
    recording.acts.truncate(acts);
    picture::draw(&recording, title)
}
