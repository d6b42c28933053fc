//! Code of the lessons' files: found by the name of the item, and coloured.

use std::path::Path;
use std::sync::OnceLock;

use tree_sitter::{Node, Parser};
use tree_sitter_highlight::{HighlightConfiguration, Highlighter, HtmlRenderer};

use crate::Error;
use crate::html::escape;

/// What is coloured; the first letter is the class in the page.
const COLOURED: [&str; 3] = ["comment", "keyword", "string"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Rust,
    Python,
}

impl Language {
    /// By the name of a file, or of the language itself; `None` for what is not coloured.
    pub fn of(name: &str) -> Option<Self> {
        match Path::new(name)
            .extension()
            .map_or(name, |ending| ending.to_str().unwrap_or(""))
        {
            "rust" | "rs" => Some(Self::Rust),
            "python" | "py" => Some(Self::Python),
            _ => None,
        }
    }

    fn grammar(self) -> tree_sitter::Language {
        match self {
            Self::Rust => tree_sitter_rust::LANGUAGE.into(),
            Self::Python => tree_sitter_python::LANGUAGE.into(),
        }
    }

    /// Made once: that takes longer than using it.
    fn configuration(self) -> Result<&'static HighlightConfiguration, Error> {
        static MADE: [OnceLock<HighlightConfiguration>; 2] = [OnceLock::new(), OnceLock::new()];
        let queries = match self {
            Self::Rust => tree_sitter_rust::HIGHLIGHTS_QUERY,
            Self::Python => tree_sitter_python::HIGHLIGHTS_QUERY,
        };
        let made = &MADE[self as usize];
        if made.get().is_none() {
            let mut new = HighlightConfiguration::new(self.grammar(), "", queries, "", "")?;
            new.configure(&COLOURED);
            let _ = made.set(new);
        }
        made.get().ok_or_else(|| "just made".into())
    }
}

/// The code as HTML.
pub fn coloured(code: &str, language: Option<Language>) -> Result<String, Error> {
    let Some(language) = language else {
        return Ok(escape(code));
    };
    let configuration = language.configuration()?;
    let mut highlighter = Highlighter::new();
    let events = highlighter.highlight(configuration, code.as_bytes(), None, None, |_| None)?;
    let mut renderer = HtmlRenderer::new();
    renderer.render(events, code.as_bytes(), &|highlight, html| {
        html.extend(b"class=");
        html.push(COLOURED[highlight.0].as_bytes()[0]);
    })?;
    // A doc comment ends with its line end, and so begins once more on the next line.
    let html: String = renderer.lines().collect();
    Ok(joined(&html.replace("<span class=c></span>", "")))
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

/// A block of code, or of output, that is HTML already.
pub fn block(attributes: &str, html: &str) -> String {
    let mut html = html.to_owned();
    // An empty line would end the block for Markdown.
    while html.contains("\n\n") {
        html = html.replace("\n\n", "&#10;\n");
    }
    format!("<pre tabindex=0{attributes}><code class=nohighlight>{html}</code></pre>")
}

/// An item of a source file with what is said and declared above it, moved to the left margin:
/// `withdraw`, `Account::withdraw`, `Account.withdraw`; or `act 2`, the second act of a twin.
pub fn item(source: &str, language: Language, name: &str) -> Result<String, Error> {
    let mut parser = Parser::new();
    parser.set_language(&language.grammar())?;
    let tree = parser.parse(source, None).ok_or("it cannot be parsed")?;
    let text = |node: Node| source[node.byte_range()].to_owned();
    let mut found = Vec::new();
    let root = tree.root_node();
    if let Some(number) = name.strip_prefix("act ") {
        let acts = descendants(root)
            .filter(|node| node.kind() == "with_statement" && text(*node).starts_with("with Act("));
        let number: usize = number.parse()?;
        found.extend(acts.skip(number.saturating_sub(1)).take(1));
    } else {
        let names: Vec<_> = name
            .split(['.', ':'])
            .filter(|part| !part.is_empty())
            .collect();
        let mut within = vec![root];
        for name in names {
            let named = |node: &Node| {
                let field = match node.kind() {
                    "impl_item" => "type",
                    kind if kind.ends_with("_item") || kind.ends_with("_definition") => "name",
                    _ => return false,
                };
                node.child_by_field_name(field)
                    .is_some_and(|field| text(field).split('<').next() == Some(name))
            };
            let nodes = within.iter().flat_map(|node| descendants(*node).skip(1));
            let nodes: Vec<_> = nodes.filter(named).collect();
            within = nodes;
        }
        found = within;
        // Of a type, the methods are items of their own.
        if found.len() > 1 {
            found.retain(|node| node.kind() != "impl_item");
        }
    }
    let [node] = found[..] else {
        return Err(format!("'{name}' is there {} times, not once", found.len()).into());
    };
    let mut first = node;
    while let Some(above) = first.prev_sibling()
        && matches!(
            above.kind(),
            "line_comment" | "attribute_item" | "decorator"
        )
        && (above.kind() != "line_comment" || text(above).starts_with("///"))
    {
        first = above;
    }
    let start = source[..first.start_byte()]
        .rfind('\n')
        .map_or(0, |end| end + 1);
    Ok(dedent(&source[start..node.end_byte()]))
}

fn descendants(node: Node) -> impl Iterator<Item = Node> {
    let mut left = vec![node];
    std::iter::from_fn(move || {
        let node = left.pop()?;
        let children = (0..node.child_count()).rev();
        left.extend(children.filter_map(|child| node.child(child)));
        Some(node)
    })
}

fn dedent(code: &str) -> String {
    let lines = || code.lines();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let margin = lines()
        .filter(|line| !line.trim().is_empty())
        .map(indent)
        .min();
    let margin = margin.unwrap_or(0);
    lines()
        .map(|line| line.get(margin..).unwrap_or_default().to_owned() + "\n")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = "/// Unlike the others.\n// Not said of it.\nstruct Till;\n\n\
        impl Till {\n    /// Pays.\n    #[must_use]\n    fn pay(&self) -> i64 {\n        1 < 2;\n    }\n}\n\n\
        impl Clone for Till {\n    fn clone(&self) -> Self {\n        Till\n    }\n}\n\nfn pay() {}\n";
    const PYTHON: &str = "class Till:\n    def pay(self):\n        return 1\n\n\n\
        def main():\n    with Act(\"One\"):\n        pass\n    with Act(\"Two\"):\n        say(2)\n";

    #[test]
    fn an_item_comes_with_its_doc_and_without_its_margin() {
        let pay = item(RUST, Language::Rust, "Till::pay").unwrap();
        assert!(pay.starts_with("/// Pays.\n#[must_use]\nfn pay"), "{pay}");
        assert!(pay.ends_with("    1 < 2;\n}\n"), "{pay}");
        assert_eq!(
            item(RUST, Language::Rust, "Till").unwrap(),
            "struct Till;\n"
        );
        let pay = item(PYTHON, Language::Python, "Till.pay").unwrap();
        assert_eq!(pay, "def pay(self):\n    return 1\n");
        let act = item(PYTHON, Language::Python, "act 2").unwrap();
        assert_eq!(act, "with Act(\"Two\"):\n    say(2)\n");
    }

    #[test]
    fn what_is_not_there_once_is_an_error() {
        for name in ["pay", "Till::clown", "act 3"] {
            assert!(item(RUST, Language::Rust, name).is_err(), "{name}");
        }
        assert!(item(PYTHON, Language::Python, "act 3").is_err());
    }

    #[test]
    fn code_is_coloured_and_nothing_of_it_is_lost() {
        for (code, language) in [(RUST, Language::Rust), (PYTHON, Language::Python)] {
            let html = coloured(code, Some(language)).unwrap();
            assert!(html.contains("<span class=k>"), "{html}");
            assert_eq!(
                html.matches("<span class=c>").count(),
                html.matches("///").count().min(2)
            );
            let tags = regex_lite::Regex::new("<[^>]*>").unwrap();
            assert_eq!(tags.replace_all(&html, ""), escape(code));
        }
    }
}
