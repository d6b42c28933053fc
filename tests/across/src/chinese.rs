//! The Chinese pages beside the English ones: which translates which, what both have in common, and
//! whether a section still says what the English one says.
//!
//! A section of a Chinese page has the *stamp* of the English section that it translates, in a
//! comment behind its heading. Blocks of code and output, and what a program makes, are the
//! same bytes in both; links lead to the Chinese page where there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::Hasher;

use fnv::FnvHasher;
use regex_lite::{Captures, Regex};
use toml::{Table, Value};

use crate::{lessons, read, resolve, root};

/// Pages by their paths: the English one, and the Chinese one.
pub fn pages() -> Vec<(String, String)> {
    let mut pages = vec!["README.md".to_owned()];
    let chapters = lessons().into_iter();
    pages.extend(chapters.map(|lesson| format!("lessons/{lesson}/README.md")));
    let mut docs: Vec<_> = fs::read_dir(root().join("docs"))
        .expect("docs can be read")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".md") && !name.contains(".zh-CN."))
        .map(|name| format!("docs/{name}"))
        .collect();
    docs.sort();
    pages.extend(docs);
    let both = |page: String| Some((page.clone(), chinese(&page)?));
    pages.into_iter().filter_map(both).collect()
}

/// The Chinese page of an English one, whether it is there or not; `None` of other files.
pub fn chinese(page: &str) -> Option<String> {
    let is_page = page.starts_with("docs/") || page.starts_with("lessons/");
    match page {
        "README.md" => Some("docs/README.zh-CN.md".to_owned()),
        _ if is_page => Some(page.strip_suffix(".md")?.to_owned() + ".zh-CN.md"),
        _ => None,
    }
}

/// A heading, and what comes before the next one.
#[derive(Debug, Default)]
pub struct Section {
    /// The line of the heading.
    pub heading: String,
    /// Of a Chinese section.
    pub stamp: Option<String>,
    pieces: Vec<Piece>,
}

/// A part of a section, with the ends of its lines.
#[derive(Debug)]
enum Piece {
    Words(String),
    /// A block between fences, or what a program has put between two comments.
    Same(String),
}

/// The sections of a page. The first one has no heading if the page does not begin with one.
pub fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut same: Option<(String, &str)> = None;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches(['>', ' ']).trim_end();
        if let Some((block, end)) = &mut same {
            *block += line;
            if bare == *end {
                let (block, _) = same.take().unwrap_or_default();
                push(&mut sections, Piece::Same(block));
            }
        } else if bare.starts_with("```") {
            same = Some((line.to_owned(), "```"));
        } else if bare.starts_with("<!-- made by ") {
            same = Some((line.to_owned(), "<!-- end -->"));
        } else if line.starts_with('#') {
            sections.push(Section {
                heading: line.trim_end().to_owned(),
                ..Section::default()
            });
        } else if let Some(stamp) = stamp_in(bare) {
            let section = sections.last_mut();
            section.expect("a heading comes first").stamp = Some(stamp.to_owned());
        } else {
            push(&mut sections, Piece::Words(line.to_owned()));
        }
    }
    sections
}

fn stamp_in(line: &str) -> Option<&str> {
    line.strip_prefix("<!-- en: ")?.strip_suffix(" -->")
}

fn push(sections: &mut Vec<Section>, piece: Piece) {
    if sections.is_empty() {
        sections.push(Section::default());
    }
    let pieces = &mut sections.last_mut().expect("it has just been made").pieces;
    match (pieces.last_mut(), piece) {
        (Some(Piece::Words(words)), Piece::Words(more)) => *words += &more,
        (_, piece) => pieces.push(piece),
    }
}

impl Section {
    /// What a translation of this section has for a stamp: a hash of its words, however their lines are
    /// broken, and of how each block between them begins.
    pub fn stamp(&self) -> String {
        let pieces = self.pieces.iter().flat_map(|piece| match piece {
            Piece::Words(words) => vec![words.as_str()],
            // What a program has put there begins with figures.
            Piece::Same(block) if block.starts_with("<!--") => block.lines().take(1).collect(),
            Piece::Same(block) => block.lines().take(2).collect(),
        });
        stamp([self.heading.as_str()].into_iter().chain(pieces))
    }

    /// The words, without blocks.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Words(words) => Some(words.as_str()),
            Piece::Same(_) => None,
        })
    }

    fn level(&self) -> usize {
        self.heading.chars().take_while(|it| *it == '#').count()
    }

    fn blocks(&self) -> Vec<&str> {
        let blocks = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Words(_) => None,
            Piece::Same(block) => Some(block.as_str()),
        });
        blocks.collect()
    }

    /// Where its links lead to.
    pub fn links(&self) -> Vec<String> {
        let link = link();
        let all = self.words().flat_map(|words| link.captures_iter(words));
        all.map(|link| link[1].to_owned()).collect()
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        self.words().flat_map(str::lines)
    }

    /// How many questions and other quotes it has, items of lists, and comments: answers, and marks for the book.
    fn parts(&self) -> [usize; 3] {
        let quoted: Vec<_> = self.lines().map(|line| line.starts_with('>')).collect();
        let quotes = quoted.chunk_by(|one, other| one == other);
        let item = Regex::new(r"^[> ]*([-*]|\d+\.) ").expect("a pattern");
        [
            quotes.filter(|lines| lines[0]).count(),
            self.lines().filter(|line| item.is_match(line)).count(),
            self.words()
                .map(|words| words.matches("<!--").count())
                .sum(),
        ]
    }

    /// The code within its words, and marks for the book; without spaces, since a line may be broken there.
    fn code(&self) -> BTreeSet<String> {
        let code = Regex::new(&format!(r"{CODE}|<!-- [a-z]+(: [\w-]+)? -->")).expect("a pattern");
        let words: String = self.words().collect();
        let code = code.find_iter(&words);
        code.map(|code| code.as_str().split_whitespace().collect())
            .collect()
    }

    /// The figures of two digits or more in its words, but for those of millions, which Chinese counts otherwise.
    fn figures(&self) -> BTreeSet<String> {
        let other = Regex::new(&format!(r"{CODE}|{LINK}|https?://\S+")).expect("a pattern");
        let words: String = self.words().collect();
        let words = other.replace_all(&words, " ");
        let part_of_one = |it: char| it.is_ascii_alphanumeric() || ".,-".contains(it);
        let tokens = words
            .split(|it| !part_of_one(it))
            .filter(|token| !token.is_empty());
        let tokens: Vec<_> = tokens
            .map(|token| token.trim_matches(['.', ',', '-']))
            .collect();
        let behind = tokens.iter().skip(1).chain(&[""]);
        let figures = tokens.iter().zip(behind).filter(|(token, behind)| {
            let digits = |it: char| it.is_ascii_digit() || ".,".contains(it);
            token.len() > 1 && token.chars().all(digits) && !["million", "billion"].contains(behind)
        });
        figures.map(|(figure, _)| (*figure).to_owned()).collect()
    }

    /// How many cells each row of its tables has.
    fn tables(&self) -> Vec<usize> {
        let rows = self.lines().filter(|line| line.starts_with('|'));
        rows.map(|row| row.replace("\\|", "").matches('|').count())
            .collect()
    }
}

/// A hash of words, however their lines are broken.
fn stamp<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut hasher = FnvHasher::default();
    for word in texts.flat_map(str::split_whitespace) {
        hasher.write(word.as_bytes());
        hasher.write_u8(b' ');
    }
    format!("{:08x}", hasher.finish() as u32)
}

/// Code within words, and where a link leads.
const CODE: &str = r"(?s:``.+?``|`[^`]+`)";
const LINK: &str = r"\]\(([^()\s]+)\)";

fn link() -> Regex {
    Regex::new(LINK).expect("a pattern")
}

/// The Chinese page, with the blocks of the English one and links that lead to Chinese pages.
///
/// # Errors
///
/// Where the two have not the same shape: headings, blocks, tables, links.
pub fn in_step(english: &str, chinese: &str) -> Result<String, String> {
    let ours = sections(&read(chinese));
    let theirs = sections(&read(english));
    let said = |what: &str, section: &Section| {
        format!("{english}, '{}': {chinese} has {what}", section.heading)
    };
    let mut page = String::new();
    for (number, section) in theirs.iter().enumerate() {
        let other = ours
            .get(number)
            .filter(|other| other.level() == section.level());
        let other = other.ok_or_else(|| said("another heading, or none", section))?;
        if other.tables() != section.tables() {
            return Err(said("another table", section));
        }
        if other.blocks().len() != section.blocks().len() {
            return Err(said("more or fewer blocks", section));
        }
        if other.parts() != section.parts() {
            return Err(said("more or fewer quotes, items or comments", section));
        }
        let [ours, theirs] = [other, section].map(|it| &it.code() | &it.figures());
        if let Some(missing) = theirs.iter().find(|it| !ours.contains(*it)) {
            return Err(said(&format!("no {missing}"), section));
        }
        let targets: BTreeMap<String, String> = section
            .links()
            .into_iter()
            .map(|target| (target.clone(), lead(english, chinese, &target)))
            .collect();
        let lead = |link: &Captures| match targets.get(&link[1]) {
            Some(target) => format!("]({target})"),
            None => link[0].to_owned(),
        };
        if !section.heading.is_empty() {
            page += &other.heading;
            page.push('\n');
        }
        if let Some(stamp) = &other.stamp {
            page += &format!("<!-- en: {stamp} -->\n");
        }
        let mut blocks = section.blocks().into_iter();
        for piece in &other.pieces {
            match piece {
                Piece::Words(words) => page += &link().replace_all(words, lead),
                Piece::Same(_) => page += blocks.next().unwrap_or_default(),
            }
        }
        let led = |links: Vec<String>| {
            let there = |link: String| targets.get(&link).cloned().unwrap_or(link);
            let mut links: Vec<_> = links.into_iter().map(there).collect();
            links.sort();
            links
        };
        if led(other.links()) != led(section.links()) {
            return Err(said("other links", section));
        }
    }
    match ours.len() == theirs.len() {
        true => Ok(page),
        false => Err(format!("{chinese} has more headings than {english}")),
    }
}

/// Where a link of the English page leads on the Chinese one.
fn lead(english: &str, chinese: &str, target: &str) -> String {
    if target.contains("://") {
        return target.to_owned();
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = match path {
        "" => english.to_owned(),
        path => resolve(english, path),
    };
    if path == chinese {
        // The way to the other language.
        return relative(chinese, english);
    }
    let translated = self::chinese(&path).filter(|page| root().join(page).exists());
    let anchor = match &translated {
        Some(page) if !anchor.is_empty() => anchor_in(&path, page, anchor),
        _ => anchor.to_owned(),
    };
    let path = translated.unwrap_or(path);
    let path = match path == chinese {
        true => String::new(),
        false => relative(chinese, &path),
    };
    match anchor.is_empty() {
        true => path,
        false => format!("{path}#{anchor}"),
    }
}

/// The anchor of the heading in the place of the one that this anchor means.
fn anchor_in(english: &str, chinese: &str, anchor: &str) -> String {
    let headings = |page: &str| {
        let sections = sections(&read(page)).into_iter();
        sections
            .map(|section| anchor_of(&section.heading))
            .collect::<Vec<_>>()
    };
    let place = headings(english).iter().position(|it| it == anchor);
    let other = place.and_then(|place| headings(chinese).get(place).cloned());
    other.unwrap_or_else(|| anchor.to_owned())
}

/// As GitHub and mdBook name a heading.
fn anchor_of(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words
        .chars()
        .filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect()
}

/// The way from one file in the repository to another one.
fn relative(from: &str, to: &str) -> String {
    let from: Vec<_> = from.split('/').collect();
    let to: Vec<_> = to.split('/').collect();
    let folders = &from[..from.len() - 1];
    let common = folders
        .iter()
        .zip(&to)
        .take_while(|(one, other)| one == other);
    let common = common.count();
    let up = folders[common..].iter().map(|_| "..");
    up.chain(to[common..].iter().copied())
        .collect::<Vec<_>>()
        .join("/")
}

/// The stamps of a Chinese page that are not those of the English one: of its heading and the English heading.
pub fn stale(english: &str, chinese: &str) -> Vec<(String, String)> {
    let both = sections(&read(chinese))
        .into_iter()
        .zip(sections(&read(english)));
    both.filter(|(ours, theirs)| ours.stamp.as_deref() != Some(&theirs.stamp()))
        .map(|(ours, theirs)| (ours.heading, theirs.heading))
        .collect()
}

/// Levels or exercises with words for their reader.
pub struct Tasks {
    /// The file with their Chinese words.
    pub chinese: String,
    /// The English words of each, by name.
    english: BTreeMap<String, Vec<String>>,
}

impl Tasks {
    /// The names of those whose Chinese words, in this text of the file, are not stamped as a translation of the
    /// English ones as they are now.
    ///
    /// # Errors
    ///
    /// If the file has other tasks, or more or fewer words.
    pub fn stale(&self, text: &str) -> Result<Vec<&str>, String> {
        let file = &self.chinese;
        let table: Table = text.parse().map_err(|error| format!("{file}: {error}"))?;
        if let Some(name) = table.keys().find(|name| !self.english.contains_key(*name)) {
            return Err(format!("{file}: [{name}] is not there in English"));
        }
        let mut stale = Vec::new();
        for (name, theirs) in &self.english {
            let ours = table.get(name).and_then(Value::as_table);
            let ours = ours.ok_or_else(|| format!("{file} has no [{name}]"))?;
            let words = words(ours);
            if words.len() != theirs.len() || words.iter().any(String::is_empty) {
                return Err(format!(
                    "{file}, [{name}]: more or fewer words than in English"
                ));
            }
            if ours.get("en").and_then(Value::as_str) != Some(&self.stamp(name)) {
                stale.push(name.as_str());
            }
        }
        Ok(stale)
    }

    fn stamp(&self, name: &str) -> String {
        stamp(self.english[name].iter().map(String::as_str))
    }
}

/// All of them; some lessons have no levels.
pub fn tasks() -> Vec<Tasks> {
    let kinds = ["levels", "exercises"];
    let lessons = lessons().into_iter();
    let folders = lessons.flat_map(|lesson| kinds.map(|kind| format!("lessons/{lesson}/{kind}")));
    let tasks = folders.map(|folder| Tasks {
        chinese: format!("{folder}/zh-CN.toml"),
        english: english(&folder),
    });
    tasks.filter(|tasks| !tasks.english.is_empty()).collect()
}

/// The words of the levels or exercises in a folder, by name.
fn english(folder: &str) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(root().join(folder)).into_iter().flatten() {
        let path = entry.expect("the folder can be read").path();
        let file = match path.is_dir() {
            true => path.join("task.toml"),
            false => path.clone(),
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if name != "zh-CN" && file.extension().is_some_and(|it| it == "toml") {
            let task = read(&file).parse::<Table>();
            let task = task.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            all.insert(name.into_owned(), words(&task));
        }
    }
    all
}

/// The words of a level or an exercise for its reader, in their order.
fn words(task: &Table) -> Vec<String> {
    let list = |name: &str| {
        task.get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let changes = list("changes").map(|change| change.get("words").unwrap_or(change));
    let texts = ["title", "task"]
        .into_iter()
        .filter_map(|name| task.get(name));
    let texts = texts.chain(list("hints")).chain(changes);
    texts.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Says that a Chinese file translates the English one as it is now. Returns what is new in it: headings, or
/// the names of tasks.
///
/// # Errors
///
/// If it is no Chinese file, or has another shape than the English one.
pub fn translated(file: &str) -> Result<Vec<String>, String> {
    if let Some((english, chinese)) = pages().into_iter().find(|(_, chinese)| chinese == file) {
        in_step(&english, &chinese)?;
        let stale = stale(&english, &chinese).into_iter();
        write(file, &stamped(&english, &chinese))?;
        return Ok(stale.map(|(ours, _)| ours).collect());
    }
    let tasks = tasks().into_iter().find(|tasks| tasks.chinese == file);
    let tasks = tasks.ok_or_else(|| format!("no Chinese file '{file}'"))?;
    let mut text = read(file);
    let stale = tasks.stale(&text)?;
    let new = stale.iter().map(|name| (*name).to_owned()).collect();
    for name in stale {
        let entry = Regex::new(&format!(r#"(?m)^\[{name}\]\n(en = "\w*"\n)?"#)).expect("a pattern");
        let stamped = format!("[{name}]\nen = \"{}\"\n", tasks.stamp(name));
        text = entry.replace(&text, stamped).into_owned();
    }
    write(file, &text)?;
    Ok(new)
}

fn write(file: &str, text: &str) -> Result<(), String> {
    fs::write(root().join(file), text).map_err(|error| format!("{file}: {error}"))
}

/// The Chinese page with the stamps of the English one.
fn stamped(english: &str, chinese: &str) -> String {
    let theirs = sections(&read(english));
    let ours = sections(&read(chinese));
    let mut page = String::new();
    for (section, their) in ours.iter().zip(theirs) {
        if !section.heading.is_empty() {
            page += &format!("{}\n<!-- en: {} -->\n", section.heading, their.stamp());
        }
        for piece in &section.pieces {
            let (Piece::Words(text) | Piece::Same(text)) = piece;
            page += text;
        }
    }
    page
}

/// A page without its stamps.
pub fn without_stamps(page: &str) -> String {
    let lines = page.split_inclusive('\n');
    lines
        .filter(|line| stamp_in(line.trim_end()).is_none())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_that_of_the_words_only() {
        let stamp = |text: &str| sections(text)[0].stamp();
        let one = "# A\n\nTwo words.\n\n```rust\nfn a() {\n    b()\n}\n```\n";
        let same = "# A\n\nTwo\nwords.\n\n```rust\nfn a() {\n    c()\n}\n```\n";
        assert_eq!(stamp(one), stamp(same));
        assert_ne!(stamp(one), stamp(&one.replace("Two", "Three")));
        assert_ne!(stamp(one), stamp(&one.replace("# A", "# B")));
        // Which block it is, and where, is a matter of the words.
        assert_ne!(stamp(one), stamp(&one.replace("fn a", "fn d")));
        let first = "# A\n\n```rust\nfn a() {\n    b()\n}\n```\n\nTwo words.\n";
        assert_ne!(stamp(one), stamp(first));
        let made =
            |figure: u32| format!("# A\n<!-- made by it -->\n- {figure} cores\n<!-- end -->\n");
        assert_eq!(stamp(&made(1)), stamp(&made(2)));
    }

    #[test]
    fn quotes_items_and_comments_are_counted_and_code_is_named() {
        let section = |text: &str| sections(text).pop().unwrap();
        let text = "# A\n\n> **One?**\n> - `a b`\n> <!-- So. -->\n\n1. `c\n  d`\n- e\n\n> f\n\n<!-- play: race-1 -->\n";
        assert_eq!(section(text).parts(), [2, 3, 2]);
        let code = section(text).code();
        assert_eq!(Vec::from_iter(code), ["<!--play:race-1-->", "`ab`", "`cd`"]);
        let text = "# A\n\nOf 1,554 (`12`), 2.5 times; 500 million on x86-64, -120 in 7. [Is](a13.md) 44.\n";
        let figures = section(text).figures();
        assert_eq!(Vec::from_iter(figures), ["1,554", "120", "2.5", "44"]);
    }

    #[test]
    fn a_comment_in_code_is_no_heading() {
        let text = "# A\n\n```sh\n# no heading\n```\n\n> ```rust\n> # no\n> ```\n\n## B\n<!-- en: 01 -->\n";
        let sections = sections(text);
        let headings: Vec<_> = sections.iter().map(|it| it.heading.as_str()).collect();
        assert_eq!(headings, ["# A", "## B"]);
        assert_eq!(sections[1].stamp.as_deref(), Some("01"));
    }

    #[test]
    fn links_lead_to_the_translation() {
        let lead = |target: &str| {
            super::lead(
                "lessons/race/README.md",
                "lessons/race/README.zh-CN.md",
                target,
            )
        };
        assert_eq!(lead("src/account.rs"), "src/account.rs");
        assert_eq!(lead("../lock/README.md"), "../lock/README.zh-CN.md");
        assert_eq!(lead("https://docs.rs/#a"), "https://docs.rs/#a");
        assert_eq!(
            super::lead(
                "README.md",
                "docs/README.zh-CN.md",
                "lessons/race/README.md"
            ),
            "../lessons/race/README.zh-CN.md"
        );
        let of_readme = |target| super::lead("README.md", "docs/README.zh-CN.md", target);
        assert_eq!(of_readme("LICENSE-MIT"), "../LICENSE-MIT");
        assert_eq!(of_readme("docs/README.zh-CN.md"), "../README.md");
    }

    #[test]
    fn anchors_keep_letters_of_all_scripts() {
        assert_eq!(anchor_of("### Which `Ordering`?"), "which-ordering");
        assert_eq!(anchor_of("## 错误：先检查，再修改"), "错误先检查再修改");
    }
}
