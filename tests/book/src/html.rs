//! Text in HTML.

use regex_lite::Regex;

/// Text as it must stand in HTML and SVG, also in quotes.
pub fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

/// Words in asterisks and code, which Markdown leaves alone inside of HTML.
pub fn emphasised(text: &str) -> String {
    let strong = Regex::new(r"\*([^*]+)\*").expect("a pattern");
    let code = Regex::new("`([^`]+)`").expect("a pattern");
    let text = strong.replace_all(text, "<em>$1</em>");
    code.replace_all(&text, "<code>$1</code>").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(
            escape("a < b & \"c\" > d"),
            "a &lt; b &amp; &quot;c&quot; &gt; d"
        );
    }
}
