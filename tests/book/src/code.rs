//! Code of the lessons' files, coloured.

use std::sync::OnceLock;

use across::items::Language;
use tree_sitter_highlight::{HighlightConfiguration, Highlighter, HtmlRenderer};

use crate::Error;
use crate::html::escape;

/// What is coloured: on the page `<i>`, `<b>` and `<u>`.
const COLOURED: [&str; 3] = ["comment", "keyword", "string"];

/// Made once: that takes longer than using it.
fn configuration(language: Language) -> Result<&'static HighlightConfiguration, Error> {
    static MADE: [OnceLock<HighlightConfiguration>; 2] = [OnceLock::new(), OnceLock::new()];
    let queries = match language {
        Language::Rust => tree_sitter_rust::HIGHLIGHTS_QUERY,
        Language::Python => tree_sitter_python::HIGHLIGHTS_QUERY,
    };
    let made = &MADE[language as usize];
    if made.get().is_none() {
        let mut new = HighlightConfiguration::new(language.grammar(), "", queries, "", "")?;
        new.configure(&COLOURED);
        let _ = made.set(new);
    }
    made.get().ok_or_else(|| "just made".into())
}

/// The code as HTML.
pub fn coloured(code: &str, language: Option<Language>) -> Result<String, Error> {
    let Some(language) = language else {
        return Ok(escape(code));
    };
    let configuration = configuration(language)?;
    let mut highlighter = Highlighter::new();
    let events = highlighter.highlight(configuration, code.as_bytes(), None, None, |_| None)?;
    let mut renderer = HtmlRenderer::new();
    renderer.render(events, code.as_bytes(), &|highlight, html| {
        html.extend(b"class=");
        html.push(COLOURED[highlight.0].as_bytes()[0]);
    })?;
    // A doc comment ends with its line end, and so begins once more on the next line.
    let html: String = renderer.lines().collect();
    Ok(short(&joined(&html.replace("<span class=c></span>", ""))))
}

/// Comments on neighbouring lines are one: a page has hundreds of them.
fn joined(html: &str) -> String {
    const COMMENT: &str = "<span class=c>";
    let mut joined = String::new();
    let mut after_comment = false;
    for piece in html.split_inclusive("</span>") {
        match piece.trim_start().strip_prefix(COMMENT) {
            Some(comment) if after_comment => {
                joined.truncate(joined.len() - "</span>".len());
                joined.push_str(&piece[..piece.len() - COMMENT.len() - comment.len()]);
                joined.push_str(comment);
            }
            _ => joined.push_str(piece),
        }
        after_comment = piece.contains(COMMENT) && piece.ends_with("</span>");
    }
    joined
}

/// With the shortest elements there are: a page has thousands of keywords.
fn short(html: &str) -> String {
    let mut open = Vec::new();
    let mut short = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        short += before;
        short += match &tag[..end] {
            "</span>" => match open.pop() {
                Some('c') => "</i>",
                Some('k') => "</b>",
                _ => "</u>",
            },
            span => {
                let class = span.strip_prefix("<span class=");
                let class = class.and_then(|class| class.chars().next());
                open.extend(class);
                match class {
                    Some('c') => "<i>",
                    Some('k') => "<b>",
                    _ => "<u>",
                }
            }
        };
        rest = &tag[end..];
    }
    short + rest
}

/// A block of code, or of output, that is HTML already.
pub fn block(attributes: &str, html: &str) -> String {
    let mut html = html.to_owned();
    // An empty line would end the block for Markdown.
    while html.contains("\n\n") {
        html = html.replace("\n\n", "&#10;\n");
    }
    format!("<pre tabindex=0{attributes}><code class=nohighlight>{html}</code></pre>")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = "/// Unlike the others.\n// Not said of it.\nstruct Till;\n\n\
        impl Till {\n    /// Pays.\n    #[must_use]\n    fn pay(&self) -> i64 {\n        1 < 2;\n    }\n}\n";
    const PYTHON: &str = "class Till:\n    def pay(self):\n        return 1\n";

    #[test]
    fn code_is_coloured_and_nothing_of_it_is_lost() {
        for (code, language) in [(RUST, Language::Rust), (PYTHON, Language::Python)] {
            let html = coloured(code, Some(language)).unwrap();
            assert!(html.contains("<b>"), "{html}");
            assert_eq!(
                html.matches("<i>").count(),
                html.matches("///").count().min(2)
            );
            let tags = regex_lite::Regex::new("<[^>]*>").unwrap();
            assert_eq!(tags.replace_all(&html, ""), escape(code));
        }
    }
}
