//! What a visitor sees first: the picture above the README, and on the book's first page a way
//! to each lesson.

use std::fmt::Write as _;

use regex_lite::Regex;

use crate::html::{emphasised, escape};
use crate::recordings::recording;
use crate::tongue::Tongue;
use crate::{Error, lessons, read, timeline};

/// The acts of lock that the picture shows: a lock held long, briefly, and too briefly.
const ACTS: usize = 3;

/// `docs/front.svg`, the picture above the README, drawn from the recording of lock.
///
/// # Errors
///
/// If there is no such recording.
pub fn picture() -> Result<String, Error> {
    let trace = recording("lock", "trace")?.ok_or("no trace was recorded")?;
    let title = "Timeline of four threads that share a lock: who holds it, who waits for it";
    timeline::picture(&trace, title, ACTS)
}

/// All lessons, each as a link with its timeline; the words are those of the README's table.
pub fn gallery(tongue: Tongue) -> Result<String, Error> {
    let readme = read(tongue.source("README.md"));
    let mut html = "<ul class=gallery>\n".to_owned();
    for lesson in lessons() {
        let row = Regex::new(&format!(
            r"(?m)^\| \[[^]]+\]\([^)]*lessons/{lesson}/[^)]*\) \| (.+?) \| `"
        ))?;
        let row = row.captures(&readme).ok_or("README has no row for it")?;
        let trace = recording(&lesson, "trace")?.ok_or("no trace was recorded")?;
        writeln!(
            html,
            "<li><a href=\"lessons/{lesson}.html\">{}<b>{}</b></a> <span>{}</span></li>",
            timeline::thumbnail(&trace)?,
            tongue.lesson(&lesson),
            emphasised(&escape(&row[1].replace("\\|", "|"))),
        )?;
    }
    Ok(html + "</ul>\n")
}
