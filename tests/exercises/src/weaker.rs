//! The orderings that a source names, each once made weaker.

/// Stronger than [`Relaxed`](std::sync::atomic::Ordering::Relaxed), each with what is weaker.
const ORDERINGS: [(&str, &[&str]); 4] = [
    ("SeqCst", &["Relaxed", "Release", "Acquire", "AcqRel"]),
    ("AcqRel", &["Relaxed", "Release", "Acquire"]),
    ("Acquire", &["Relaxed"]),
    ("Release", &["Relaxed"]),
];

/// A source in which one ordering is weaker.
#[derive(Debug, PartialEq, Eq)]
pub struct Weaker {
    /// Where it stands, from 1.
    pub line: usize,
    /// What stands there now.
    pub ordering: &'static str,
    pub text: String,
}

/// One for each ordering and each that is weaker, the weakest first. What an access cannot have, such
/// as a store that acquires, is among them: it panics.
pub fn weaker(text: &str) -> Vec<Weaker> {
    let mut all = Vec::new();
    let (mut start, mut imports) = (0, false);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        imports |= code.trim_start().starts_with("use ");
        if !imports {
            for (from, word) in words(code) {
                let name = word.rsplit("::").next().unwrap_or_default();
                let weaker = ORDERINGS.iter().find(|it| it.0 == name);
                for &ordering in weaker.map_or(&[][..], |it| it.1) {
                    let (before, behind) =
                        (&text[..start + from], &text[start + from + word.len()..]);
                    let text = format!("{before}std::sync::atomic::Ordering::{ordering}{behind}");
                    all.push(Weaker {
                        line: number + 1,
                        ordering,
                        text,
                    });
                }
            }
        }
        imports &= !code.contains(';');
        start += line.len();
    }
    all
}

/// Names with their paths, and where they begin.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_other = |letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == ':');
    let words = code.split(is_other).filter(|word| !word.is_empty());
    words.map(|word| (word.as_ptr() as usize - code.as_ptr() as usize, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ordering_is_made_weaker_but_not_where_it_is_imported() {
        let text = "use std::{\n    Ordering::SeqCst,\n};\n\nfn f() { // SeqCst\n    a.swap(b.load(Acquire), Ordering::AcqRel);\n}\n";
        let made: Vec<_> = weaker(text)
            .into_iter()
            .map(|it| (it.line, it.ordering, it.text))
            .collect();
        let made: Vec<_> = made
            .iter()
            .map(|(line, to, text)| (*line, *to, text.lines().nth(5).unwrap().trim()))
            .collect();
        let relaxed = "std::sync::atomic::Ordering::Relaxed";
        assert_eq!(made.len(), 4);
        assert_eq!(
            made[0],
            (
                6,
                "Relaxed",
                &*format!("a.swap(b.load({relaxed}), Ordering::AcqRel);")
            )
        );
        assert_eq!(
            made[1],
            (
                6,
                "Relaxed",
                &*format!("a.swap(b.load(Acquire), {relaxed});")
            )
        );
        assert_eq!(made[3].1, "Acquire");
    }
}
