//! Which sources have a page, and what is where in the book.

use std::fs;

use crate::{Error, lessons, root};

/// The sources of all pages, as paths in the repository, with their places in the book.
pub fn places() -> Result<Vec<(String, String)>, Error> {
    let mut sources: Vec<String> = lessons()
        .iter()
        .map(|lesson| format!("lessons/{lesson}/README.md"))
        .collect();
    for entry in fs::read_dir(root().join("docs"))? {
        let name = entry?
            .file_name()
            .into_string()
            .map_err(|_| "a strange name")?;
        if name.ends_with(".md") && !name.contains(".zh-CN.") {
            sources.push(format!("docs/{name}"));
        }
    }
    sources.sort();
    let placed = |source: String| Some((source.clone(), place(&source)?));
    Ok(sources.into_iter().filter_map(placed).collect())
}

/// Where a file of the repository is in the book of its language; `None` if it has no page.
pub fn place(source: &str) -> Option<String> {
    let source = &source.replace(".zh-CN.", ".");
    if let Some(lesson) = lesson(source) {
        return Some(format!("lessons/{lesson}.md"));
    }
    let name = source.strip_prefix("docs/")?;
    (name.ends_with(".md") && !name.contains('/')).then(|| name.to_owned())
}

/// The lesson whose chapter this is, if it is one.
pub fn lesson(source: &str) -> Option<&str> {
    source.strip_prefix("lessons/")?.strip_suffix("/README.md")
}

/// Whether a page shows this file of its lesson.
pub fn shows(file: &str) -> bool {
    file.starts_with("src/") || file == "lesson.py"
}

/// What a link to such a file leads to.
pub fn id(file: &str) -> String {
    file.replace(['/', '.', '_'], "-")
}
