//! All files of a lesson, at the end of its page.

use std::fmt::Write as _;
use std::fs;

use across::items::Language;

use crate::code::{block, coloured};
use crate::html::escape;
use crate::places::id;
use crate::tongue::Tongue;
use crate::{Error, read, root};

/// The files of a lesson, each to be opened.
pub fn files(lesson: &str, tongue: Tongue) -> Result<String, Error> {
    let folder = root().join("lessons").join(lesson);
    let mut files = vec!["lesson.py".to_owned()];
    for entry in fs::read_dir(folder.join("src"))? {
        let name = entry?.file_name();
        files.push(format!("src/{}", name.to_string_lossy()));
    }
    files.sort();
    let mut html = tongue.say("## The files").to_owned() + "\n\n";
    for file in files {
        let source = read(format!("lessons/{lesson}/{file}"));
        let code = coloured(&source, Language::of(&file))?;
        let code = block(&format!(" id={}", id(&file)), &code);
        let lines = source.lines().count().to_string();
        let places = [("", escape(&file)), ("lines", lines)];
        let places = places.each_ref().map(|(name, it)| (*name, it.as_str()));
        let summary = tongue.fill("<code>{}</code>, {lines} lines", &places);
        write!(
            html,
            "<details class=file><summary>{summary}</summary>{code}</details>\n\n"
        )?;
    }
    Ok(html)
}
