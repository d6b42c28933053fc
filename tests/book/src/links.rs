//! Where a link leads in the book.

use across::resolve;
use regex_lite::{Captures, Regex};

use crate::places::{id, place, shows};
use crate::{Error, root};

/// Has the links in a source's text lead to pages of the book, and to files that are shown
/// there. A link to any other file of the repository becomes plain text.
pub fn lead_into_book(source: &str, text: &str) -> Result<String, Error> {
    let link = Regex::new(r"\[((?:[^\[\]]|\[[^\]]*\])+)\]\(([^()\s]+)\)")?;
    let here = place(source).ok_or("it is no page")?;
    let mut missing = Vec::new();
    let text = link.replace_all(text, |link: &Captures| {
        let (words, target) = (&link[1], &link[2]);
        if target.contains("://") || target.starts_with('#') {
            return link[0].to_owned();
        }
        let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
        let path = resolve(source, path);
        if path.starts_with("docs/growth/") {
            // A picture, which is copied.
            return link[0].to_owned();
        }
        if !root().join(&path).exists() {
            missing.push(target.to_owned());
        }
        let lesson = path
            .strip_prefix("lessons/")
            .and_then(|path| path.split_once('/'));
        let (page, fragment) = match (place(&path), lesson) {
            (Some(page), _) => (page, fragment.to_owned()),
            (None, Some((lesson, file))) if shows(file) => {
                (format!("lessons/{lesson}.md"), id(file))
            }
            _ => return words.to_owned(),
        };
        let mut target = if page == here {
            String::new()
        } else {
            relative(&here, &page)
        };
        if !fragment.is_empty() {
            target += &format!("#{fragment}");
        }
        format!("[{words}]({target})")
    });
    if !missing.is_empty() {
        return Err(format!("links to what is not there: {}", missing.join(", ")).into());
    }
    Ok(text.into_owned())
}

/// From one page to another; pages are at most one folder deep.
fn relative(from: &str, to: &str) -> String {
    match (from.split_once('/'), to.split_once('/')) {
        (Some((folder, _)), Some((other, name))) if folder == other => name.to_owned(),
        (Some(_), _) => format!("../{to}"),
        _ => to.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_and_to_the_files_on_them() {
        let lead = |source: &str, text: &str| lead_into_book(source, text).unwrap();
        let race = "lessons/race/README.md";
        assert_eq!(lead(race, "[l](../lock/README.md)"), "[l](lock.md)");
        assert_eq!(
            lead(race, "[p](../../docs/proofs.md#x)"),
            "[p](../proofs.md#x)"
        );
        assert_eq!(
            lead(race, "[`a`](src/account.rs)"),
            "[`a`](#src-account-rs)"
        );
        assert_eq!(
            lead("docs/ideas.md", "[g](../lessons/gil/README.md)"),
            "[g](lessons/gil.md)"
        );
        assert_eq!(
            lead(
                "docs/ideas.md",
                "[g](../lessons/gil/src/gil.rs), [s](https://crates.io/)"
            ),
            "[g](lessons/gil.md#src-gil-rs), [s](https://crates.io/)"
        );
        assert_eq!(
            lead("docs/proofs.md", "[i](../tests/proofs/src/lib.rs)"),
            "i"
        );
        assert!(lead_into_book(race, "[x](src/nothing.rs)").is_err());
    }
}
