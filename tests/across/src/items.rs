//! Items of source files, found by their names.

use std::error::Error;
use std::path::Path;

use tree_sitter::{Node, Parser};

/// A language that items are found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Rust,
    Python,
}

impl Language {
    /// By the name of a file, or of the language itself; `None` for any other.
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

    /// How tree-sitter reads it.
    pub fn grammar(self) -> tree_sitter::Language {
        match self {
            Self::Rust => tree_sitter_rust::LANGUAGE.into(),
            Self::Python => tree_sitter_python::LANGUAGE.into(),
        }
    }
}

/// Whether this line of a chapter says of which file, and of which items, the code below it is.
pub fn is_caption(line: &str) -> bool {
    line.starts_with("[`") && line.contains("), `") && line.ends_with("`:")
}

/// The items of these names as a chapter shows them: without doc comments, one below the other.
pub fn shown(source: &str, language: Language, names: &[&str]) -> Result<String, Box<dyn Error>> {
    let items = names.iter().map(|name| {
        let code = item(source, language, name)?;
        let shown = match language {
            Language::Rust => code
                .lines()
                .filter(|line| !line.trim_start().starts_with("///")),
            Language::Python => return Ok(without_docstring(&code)),
        };
        Ok(shown.map(|line| line.to_owned() + "\n").collect::<String>())
    });
    Ok(items
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?
        .join("\n"))
}

/// A function without the string that documents it.
fn without_docstring(code: &str) -> String {
    const QUOTES: &str = "\"\"\"";
    let begins = code.match_indices(QUOTES).map(|(at, _)| at);
    let mut begins = begins.filter(|at| code[..*at].trim_end_matches(' ').ends_with(":\n"));
    let Some(begin) = begins.next() else {
        return code.to_owned();
    };
    let text = begin + QUOTES.len();
    let Some(end) = code[text..].find(QUOTES) else {
        return code.to_owned();
    };
    let before = code[..begin].trim_end_matches(' ');
    let after = code[text + end + QUOTES.len()..].trim_start_matches('\n');
    format!("{before}{after}")
}

/// An item of a source file with what is said and declared above it, moved to the left margin:
/// `withdraw`, `Account::withdraw`, `Account.withdraw`; or `act 2`, the second act of a `lesson.py`.
pub fn item(source: &str, language: Language, name: &str) -> Result<String, Box<dyn Error>> {
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
    fn a_chapter_shows_items_without_their_documentation() {
        let pay = shown(RUST, Language::Rust, &["Till::pay", "Till"]).unwrap();
        let code = "#[must_use]\nfn pay(&self) -> i64 {\n    1 < 2;\n}\n\nstruct Till;\n";
        assert_eq!(pay, code);
        let python =
            "def pay():\n    \"\"\"Pays.\n\n    Well.\n    \"\"\"\n    return \"\"\"1\"\"\"\n";
        let pay = shown(python, Language::Python, &["pay"]).unwrap();
        assert_eq!(pay, "def pay():\n    return \"\"\"1\"\"\"\n");
    }
}
