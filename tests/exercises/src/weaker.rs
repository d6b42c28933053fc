//! The orderings that a source names, each once made weaker.

/// Each with what is weaker.
const ORDERINGS: [(&str, &[&str]); 5] = [
    ("SeqCst", &["Relaxed", "Release", "Acquire", "AcqRel"]),
    ("AcqRel", &["Relaxed", "Release", "Acquire"]),
    ("Acquire", &["Relaxed"]),
    ("Release", &["Relaxed"]),
    ("Relaxed", &[]),
];

/// A source in which one ordering is weaker.
#[derive(Debug, PartialEq, Eq)]
pub struct Weaker {
    /// Where it stands, from 1.
    pub line: usize,
    /// Which of the orderings in that line it is, from 1, and of how many.
    pub place: (usize, usize),
    /// What stands there now.
    pub ordering: &'static str,
    pub text: String,
}

/// One for each ordering and each that is weaker, the weakest first. What an access cannot have, such
/// as a store that acquires, is among them: it panics.
///
/// # Errors
///
/// The line that gives an ordering another name, under which it would not be found.
pub fn weaker(text: &str) -> Result<Vec<Weaker>, usize> {
    let mut all = Vec::new();
    let (mut start, mut imports) = (0, false);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        imports |= code.trim_start().starts_with("use ");
        let names = words(code).map(|(from, word)| (from, word, name(word)));
        let orderings = names.clone().filter(|it| weaker_than(it.2).is_some());
        if imports {
            let mut pairs = names.clone().zip(names.skip(1));
            if pairs.any(|(it, next)| weaker_than(it.2).is_some() && next.2 == "as") {
                return Err(number + 1);
            }
        } else {
            let of = orderings.clone().count();
            for (place, (from, word, name)) in orderings.enumerate() {
                for &ordering in weaker_than(name).unwrap_or_default() {
                    let (before, behind) =
                        (&text[..start + from], &text[start + from + word.len()..]);
                    let text = format!("{before}std::sync::atomic::Ordering::{ordering}{behind}");
                    all.push(Weaker {
                        line: number + 1,
                        place: (place + 1, of),
                        ordering,
                        text,
                    });
                }
            }
        }
        imports &= !code.contains(';');
        start += line.len();
    }
    Ok(all)
}

/// What is weaker than the ordering of this name, if it is one.
fn weaker_than(name: &str) -> Option<&'static [&'static str]> {
    let ordering = ORDERINGS.iter().find(|it| it.0 == name);
    ordering.map(|it| it.1)
}

fn name(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or_default()
}

/// Names with their paths, and where they begin.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> + Clone {
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
            .unwrap()
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
        let places: Vec<_> = weaker(text).unwrap().iter().map(|it| it.place).collect();
        assert_eq!(places, [(1, 2), (2, 2), (2, 2), (2, 2)]);
        let renamed = "use std::sync::atomic::Ordering::{\n    Relaxed, SeqCst as S,\n};\n";
        assert_eq!(weaker(renamed), Err(2));
    }
}
