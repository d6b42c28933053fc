//! The book: the pages of `docs`, and the chapters of the lessons with what only a page can
//! show beside their words.
//!
//! What is read: `docs`, the files of the lessons, and the recordings in `docs/recordings`.
//! Nothing is run, so a book says what the repository says.

mod chapter;
mod code;
mod console;
mod exercises;
mod files;
pub mod front;
mod html;
mod levels;
mod links;
mod pair;
mod places;
mod predict;
mod recordings;
pub mod steps;
pub mod timeline;
pub mod tongue;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use across::{chinese, lessons, read, root};
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use regex_lite::Regex;

use crate::tongue::Tongue;

/// What went wrong, for people.
pub type Error = Box<dyn std::error::Error>;

/// The pages as Markdown, by their place in the book of this language.
///
/// # Errors
///
/// If a page asks for what is not there: a file, an item, a recording, a page to link to.
pub fn pages(tongue: Tongue) -> Result<BTreeMap<String, String>, Error> {
    let mut pages = BTreeMap::new();
    for (source, place) in places::places()? {
        let told = |error| format!("{}: {error}", tongue.source(&source));
        let page = chapter::page(&source, tongue).map_err(told)?;
        pages.insert(place, chinese::without_stamps(&page));
    }
    Ok(pages)
}

/// Makes the book: HTML pages in this folder, which need nothing from anywhere else, and the Chinese
/// ones in a folder in it. What was in it before is gone.
///
/// # Errors
///
/// As for [`pages`]; if the folder cannot be written.
pub fn build(folder: &Path) -> Result<(), Error> {
    // A folder of its own first: what cannot be made leaves the old one as it is.
    let new = tempfile::tempdir_in(folder.parent().ok_or("a book needs a folder")?)?;
    let new = new.path().join("book");
    for tongue in Tongue::ALL {
        build_in(tongue, &new.join(tongue.folder()))?;
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::rename(new, folder)?;
    Ok(())
}

fn build_in(tongue: Tongue, folder: &Path) -> Result<(), Error> {
    let source = tempfile::tempdir()?;
    for (place, page) in pages(tongue)? {
        let file = source.path().join(place);
        fs::create_dir_all(file.parent().unwrap_or(source.path()))?;
        fs::write(file, page)?;
    }
    let levels = source.path().join("levels");
    fs::create_dir_all(&levels)?;
    for level in levels::levels()? {
        for (name, script) in level.scripts(tongue)? {
            fs::write(levels.join(name), script)?;
        }
    }
    copy(
        &root().join("docs/growth"),
        &source.path().join("growth"),
        tongue,
    )?;
    copy(
        &root().join("docs/theme"),
        &source.path().join("theme"),
        tongue,
    )?;
    let mut config: Config = read("docs/book.toml").parse()?;
    if tongue == Tongue::Chinese {
        config.book.language = Some("zh-CN".into());
        for text in [&mut config.book.title, &mut config.book.description] {
            *text = text.as_ref().map(|text| tongue.say(text).to_owned());
        }
    }
    config.build.build_dir = folder.to_owned();
    MDBook::load_with_config(source.path(), config)?.build()?;
    let mut interface = tongue.interface()?;
    let pages = places::places()?.into_iter().map(|(_, place)| place);
    for place in pages.filter(|place| place != "SUMMARY.md") {
        let page = folder.join(&place).with_extension("html");
        let text = without_search(&fs::read_to_string(&page)?)?;
        let text = interface.say(&with_switch(&text, &place, tongue)?);
        fs::write(&page, text)?;
    }
    interface.is_said()?;
    for name in ["book.js", "searcher.js"] {
        let place = folder.join(name);
        let script = fs::read_to_string(&place)?;
        fs::write(place, tongue.script(&format!("mdBook's {name}"), &script)?)?;
    }
    Ok(())
}

/// A page with a way to the same one in the other language.
fn with_switch(page: &str, place: &str, tongue: Tongue) -> Result<String, Error> {
    let up = if place.contains('/') { "../" } else { "" };
    let place = place.replace(".md", ".html");
    let (to, language, words) = match tongue {
        Tongue::English => (format!("{up}zh-CN/{place}"), "zh-CN", "中文"),
        Tongue::Chinese => (format!("{up}../{place}"), "en", "English"),
    };
    let begin = r#"<div class="right-buttons">"#;
    let (before, after) = page
        .split_once(begin)
        .ok_or("mdBook has no longer a place for buttons")?;
    let switch =
        format!("<a class=switch href=\"{to}\" hreflang={language} lang={language}>{words}</a>");
    Ok(format!("{before}{begin}{switch}{after}"))
}

/// A style is loaded with each page; its comments are for those who change it.
fn without_comments(style: &str) -> String {
    let parts = style.split("/*");
    let parts = parts.map(|part| part.split_once("*/").map_or(part, |(_, rest)| rest));
    parts.collect()
}

/// A page without the scripts of the search, which `docs/theme/search.js` loads.
fn without_search(page: &str) -> Result<String, Error> {
    let mut page = page.to_owned();
    for name in ["elasticlunr.min", "mark.min", "searcher"] {
        let script = Regex::new(&format!(r#"\n *<script src="[./]*{name}\.js"></script>"#))?;
        if !script.is_match(&page) {
            return Err(format!("mdBook has no longer a script {name}").into());
        }
        page = script.replace(&page, "").into_owned();
    }
    Ok(page)
}

fn copy(from: &Path, to: &Path, tongue: Tongue) -> Result<(), Error> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &place, tongue)?;
        } else if place.extension().is_some_and(|it| it == "css") {
            fs::write(place, without_comments(&fs::read_to_string(entry.path())?))?;
        } else if place.extension().is_some_and(|it| it == "js") {
            let name = entry.path();
            let name = name.strip_prefix(root()).unwrap_or(&name).to_string_lossy();
            let script = fs::read_to_string(entry.path())?;
            fs::write(place, tongue.script(&name, &script)?)?;
        } else {
            fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}
