//! All files of a lesson, at the end of its page.

use std::fmt::Write as _;
use std::fs;

use across::items::Language;

use crate::code::{block, coloured};
use crate::html::escape;
use crate::places::id;
use crate::{Error, read, root};

/// The files of a lesson, each to be opened.
pub fn files(lesson: &str) -> Result<String, Error> {
    let folder = root().join("lessons").join(lesson);
    let mut files = vec!["lesson.py".to_owned()];
    for entry in fs::read_dir(folder.join("src"))? {
        let name = entry?.file_name();
        files.push(format!("src/{}", name.to_string_lossy()));
    }
    files.sort();
    let mut html = "## The files\n\n".to_owned();
    for file in files {
        let source = read(format!("lessons/{lesson}/{file}"));
        let code = coloured(&source, Language::of(&file))?;
        let code = block(&format!(" id={}", id(&file)), &code);
        let lines = source.lines().count();
        write!(
            html,
            "<details class=file><summary><code>{}</code>, {lines} lines</summary>{code}</details>\n\n",
            escape(&file)
        )?;
    }
    Ok(html)
}
